import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@syszap/platform";
import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import { SpoolEntry, type SpooledFact } from "./entry.ts";
import { readLeftOver, syncDirectory } from "./left-over.ts";
import { type FoundRecord, frame, longestRecordBytes } from "./record.ts";
import { type Place, Segment } from "./segment.ts";

export interface SpoolLimits {
  /** Of records that nobody has taken yet. */
  records: number;
  /** Of all files together. */
  bytes: number;
  /** Facts that wait in memory for the disk, and their bytes. */
  waiting: number;
  waitingBytes: number;
  /** From this size on, the next record goes into a new file. */
  segmentBytes: number;
  /** Facts kept in memory too; the others are read again when their turn comes. */
  held: number;
}
export const spoolLimits: Omit<SpoolLimits, "bytes"> = {
  records: 100_000,
  waiting: 5_000,
  waitingBytes: 32 * 1024 * 1024,
  segmentBytes: 4 * 1024 * 1024,
  held: 5_000,
};

interface Waiting {
  entry: SpoolEntry;
  bytes: Buffer;
  resolve(): void;
}
export interface SpoolOptions {
  directory: string;
  limits: SpoolLimits;
  log: Logger;
  /** What an earlier process left, oldest first; called once, when the directory was read. */
  onLeftOver(entries: SpoolEntry[]): void;
  onTorn(): void;
}
const mostPerWrite = 1_000;
const writing: Backoff = { firstMs: 200, maxMs: 2_000 };
const fullFrom = 0.95;
const idleFileMs = 60_000;

/**
 * Facts on disk, from before they are handed over until they are seen stored. Many share one sync of the disk. What is called
 * spooled survives the end of this process and of the machine; while the disk takes nothing, facts wait and `mustWork` says so.
 */
export class Spool {
  private readonly entries = new Set<SpoolEntry>();
  private readonly segments = new Set<Segment>();
  private waiting: Waiting[] = [];
  private current: Segment | undefined;
  private isRead = false;
  private work: Promise<void> | undefined;
  private waitingBytes = 0;
  private lastOnDisk: Promise<void> = Promise.resolve();
  private held = 0;
  private lastWriteMs = 0;
  private readonly closing = new AbortController();
  private readonly names = {
    prefix: `${Date.now().toString().padStart(15, "0")}-${randomBytes(4).toString("hex")}`,
    last: 0,
  };
  private trouble: string | undefined;

  constructor(private readonly options: SpoolOptions) {}

  /** Reads what an earlier process left, in the background. */
  start(): void {
    this.wake();
  }

  /** Throws, in words for people, while nothing can be spooled. */
  mustWork(): void {
    const { limits } = this.options;
    if (this.trouble !== undefined) throw new Error(this.trouble);
    if (this.records >= limits.records) throw new Error(`the spool is full: ${this.records} facts wait to be stored`);
    if (this.bytes >= limits.bytes * fullFrom) throw new Error(`the spool is full: ${this.bytes} bytes`);
  }
  get records(): number {
    return this.entries.size;
  }
  get bytes(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.bytes;
    return sum;
  }
  /** Undefined when it is empty. */
  get oldestAtMs(): number | undefined {
    return this.entries.values().next().value?.acceptedAtMs;
  }
  /** Room for as many again as are in it, so that who waits for room does not come back at once. */
  get hasMuchRoom(): boolean {
    const { limits } = this.options;
    return (
      this.records < limits.records / 2 && this.bytes < limits.bytes / 2 && this.waiting.length < limits.waiting / 2
    );
  }
  /** WhatsApp's time of the oldest fact of a session that is not seen stored. */
  oldestOf(sessionId: string): number | undefined {
    let oldest: number | undefined;
    for (const entry of this.entries) {
      if (entry.sessionId !== sessionId || entry.missedSinceMs === undefined) continue;
      oldest = Math.min(oldest ?? entry.missedSinceMs, entry.missedSinceMs);
    }
    return oldest;
  }

  /** Undefined when there is no room: then WhatsApp must keep it. `onDisk` resolves once it can't be lost, and never rejects. */
  append(told: SpooledFact): { entry: SpoolEntry; onDisk: Promise<void> } | undefined {
    if (this.closing.signal.aborted) return undefined;
    const bytes = frame(JSON.stringify(told));
    if (!this.hasRoomFor(bytes.byteLength)) return undefined;
    const entry = new SpoolEntry(told);
    this.entries.add(entry);
    this.held += 1;
    this.waitingBytes += bytes.byteLength;
    const onDisk = new Promise<void>((resolve) => this.waiting.push({ entry, bytes, resolve }));
    this.lastOnDisk = onDisk;
    this.wake();
    return { entry, onDisk };
  }

  /** Resolves when all that was appended so far is on disk. */
  async flushed(): Promise<void> {
    await this.lastOnDisk;
  }

  /** The fact, from memory or from disk. */
  async read(entry: SpoolEntry): Promise<SpooledFact> {
    if (entry.told) return entry.told;
    if (!entry.home) throw new Error("the fact is not in the spool");
    const body = await entry.home.segment.read(entry.home.place);
    return JSON.parse(body.toString()) as SpooledFact;
  }

  /** It needs no more memory: from now on it is read from disk. */
  letGo(entry: SpoolEntry): void {
    if (!entry.told) return;
    entry.told = undefined;
    this.held -= 1;
  }

  /** Nobody needs it here any more. */
  done(entry: SpoolEntry): void {
    if (!this.entries.delete(entry)) return;
    this.letGo(entry);
    entry.home?.segment.done(entry.home.place);
  }

  /** To be called now and then: writes down what is done, and removes files in which nothing is left. */
  async tidy(): Promise<void> {
    for (const segment of this.segments) {
      const isWritten = segment === this.current && (this.work || Date.now() - this.lastWriteMs < idleFileMs);
      if (segment.live > 0 || isWritten) await segment.saveDone();
      else await this.remove(segment);
    }
  }

  /** Writes what waits, if the disk takes it at once. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.work;
    for (const segment of this.segments) {
      if (segment.live === 0) await this.remove(segment);
      else await segment.saveDone().then(() => segment.close());
    }
  }

  private hasRoomFor(bytes: number): boolean {
    const { limits } = this.options;
    if (bytes > longestRecordBytes || this.records >= limits.records || this.waiting.length >= limits.waiting)
      return false;
    const waitingBytes = this.waitingBytes + bytes;
    return waitingBytes <= limits.waitingBytes && this.bytes + waitingBytes <= limits.bytes;
  }

  private wake(): void {
    this.work ??= this.writeAll().finally(() => {
      this.work = undefined;
      if (this.waiting.length > 0 && !this.closing.signal.aborted) this.wake();
    });
  }

  private async writeAll(): Promise<void> {
    for (let retry = 0; ; ) {
      try {
        if (!this.isRead) await this.readLeftOver();
        if (this.waiting.length === 0) return;
        await this.writeSome();
        this.setFault(undefined);
        retry = 0;
      } catch (err) {
        this.setFault(err);
        if (this.closing.signal.aborted) return;
        await pause(backoffDelay(retry, writing), this.closing.signal);
        retry += 1;
      }
    }
  }

  private async writeSome(): Promise<void> {
    const batch = this.waiting.slice(0, mostPerWrite);
    const segment = await this.open();
    let places: Place[];
    try {
      places = await segment.append(batch.map(({ bytes }) => bytes));
    } catch (err) {
      this.current = undefined; // after a failed write nobody knows what the file holds: the next try begins another
      throw err;
    }
    this.lastWriteMs = Date.now();
    this.waiting = this.waiting.slice(batch.length);
    for (const [at, { entry, bytes, resolve }] of batch.entries()) {
      const place = places[at];
      this.waitingBytes -= bytes.byteLength;
      if (place) entry.home = { segment, place };
      if (this.held > this.options.limits.held) this.letGo(entry);
      resolve();
    }
  }

  private async open(): Promise<Segment> {
    const { current } = this;
    if (current && current.bytes < this.options.limits.segmentBytes) return current;
    this.names.last += 1;
    const name = `${this.names.prefix}-${String(this.names.last).padStart(8, "0")}`;
    await mkdir(this.options.directory, { recursive: true });
    const segment = await Segment.create(join(this.options.directory, name));
    this.segments.add(segment);
    this.current = segment;
    await syncDirectory(this.options.directory);
    return segment;
  }

  private async readLeftOver(): Promise<void> {
    const found = await readLeftOver(this.options.directory);
    this.isRead = true;
    this.setFault(undefined);
    const left = found.flatMap(({ segment, records, isTorn }) => {
      this.segments.add(segment);
      if (isTorn) this.options.onTorn();
      return records.flatMap((record) => this.entryOf(segment, record) ?? []);
    });
    for (const entry of left) this.entries.add(entry);
    if (left.length > 0) this.options.log.info({ facts: left.length }, "facts of an earlier process are handed over");
    this.options.onLeftOver(left);
  }

  private entryOf(segment: Segment, { body, offset, length }: FoundRecord): SpoolEntry | undefined {
    try {
      const entry = new SpoolEntry(JSON.parse(body.toString()) as SpooledFact);
      entry.home = { segment, place: { offset, length } };
      this.held += 1;
      if (this.held > this.options.limits.held) this.letGo(entry);
      return entry;
    } catch (err) {
      this.options.log.error({ err }, "a record of the spool is none of ours");
      segment.done({ offset, length });
      return undefined;
    }
  }

  private async remove(segment: Segment): Promise<void> {
    if (this.current === segment) this.current = undefined;
    this.segments.delete(segment);
    await segment.remove();
  }

  private setFault(err: unknown): void {
    const before = this.trouble;
    this.trouble = err === undefined ? undefined : describe(err);
    if (this.trouble === before) return;
    const { log } = this.options;
    if (this.trouble === undefined) log.info("the inbound spool takes facts again");
    else log.error({ err }, "the inbound spool can't be written: facts wait in memory and are not handed over");
  }
}

function describe(err: unknown): string {
  const { code, message } = err as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return "the disk of the spool is full";
  return `the spool can't be written: ${code ?? message}`;
}
