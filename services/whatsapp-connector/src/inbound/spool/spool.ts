import { randomBytes } from "node:crypto";

import { join } from "node:path";
import { createPrivateDirectory, type Logger } from "@syszap/platform";
import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import { jobIdOfFact } from "../jobs.ts";
import { describeDiskFault, isDiskFull } from "./disk-faults.ts";
import { SpoolEntry, type SpooledFact } from "./entry.ts";
import type { SpoolLimits } from "./limits.ts";
import { type FoundRecord, frame, maxRecordBytes } from "./record.ts";
import { openRemainingSegments, syncDirectory } from "./remaining-segments.ts";
import { type RecordPosition, Segment } from "./segment.ts";

interface Waiting {
  entry: SpoolEntry;
  bytes: Buffer;
  resolve(): void;
}
export interface SpoolOptions {
  directory: string;
  limits: SpoolLimits;
  log: Logger;
  /** Receives the facts that an earlier process left, oldest first. Called once, when the directory was read. */
  onRemaining(entries: SpoolEntry[]): void;
  /** An incomplete record was cut off. */
  onTorn(): void;
}
const maxPerWrite = 1_000;
const writeBackoff: Backoff = { firstMs: 200, maxMs: 2_000 };
/** Share of the byte limit at which `mustWork` reports a full spool. */
const fullRatio = 0.95;
/** A file that is still written to is kept until no write came for this long. */
const idleFileMs = 60_000;

/**
 * Keeps facts on disk from before they are enqueued until they are known to be stored. Many facts share one disk sync. A fact
 * on disk survives a crash of the process and of the machine. While the disk cannot be written, facts wait in memory and
 * `mustWork` throws.
 */
export class Spool {
  private readonly entries = new Set<SpoolEntry>();
  private readonly segments = new Set<Segment>();
  private waiting: Waiting[] = [];
  private current: Segment | undefined;
  private isRead = false;
  private work: Promise<void> | undefined;
  private waitingBytes = 0;
  /** Number of facts in the next write. Smaller while the disk is full. */
  private pieceSize = maxPerWrite;
  private inMemory = 0;
  private lastWriteMs = 0;
  private readonly closing = new AbortController();
  private readonly names = {
    prefix: `${Date.now().toString().padStart(15, "0")}-${randomBytes(4).toString("hex")}`,
    last: 0,
  };
  /** Why the disk cannot be written. */
  private fault: string | undefined;

  constructor(private readonly options: SpoolOptions) {}

  /** Starts reading the facts that an earlier process left. Does not wait. */
  start(): void {
    this.wake();
  }

  /** Health check: throws an error with the reason while no fact can be spooled. */
  mustWork(): void {
    const { limits } = this.options;
    if (this.fault !== undefined) throw new Error(this.fault);
    if (this.records >= limits.records) throw new Error(`the spool is full: ${this.records} facts wait to be stored`);
    if (this.bytes >= limits.bytes * fullRatio) throw new Error(`the spool is full: ${this.bytes} bytes`);
  }

  get records(): number {
    return this.entries.size;
  }

  get bytes(): number {
    let sum = 0;
    for (const segment of this.segments) sum += segment.bytes;
    return sum;
  }

  /** When the oldest fact was accepted. Undefined when the spool is empty. */
  get oldestAtMs(): number | undefined {
    return this.entries.values().next().value?.acceptedAtMs;
  }

  /** True while less than half of each limit is used. A caller that waits for room then does not hit the limit again at once. */
  get hasMuchRoom(): boolean {
    const { limits } = this.options;
    return (
      this.records < limits.records / 2 && this.bytes < limits.bytes / 2 && this.waiting.length < limits.waiting / 2
    );
  }

  /** WhatsApp's time of the session's oldest fact that is not known to be stored. */
  oldestOf(sessionId: string): number | undefined {
    let oldest: number | undefined;
    for (const entry of this.entries) {
      if (entry.sessionId !== sessionId || entry.missedSinceMs === undefined) continue;
      oldest = Math.min(oldest ?? entry.missedSinceMs, entry.missedSinceMs);
    }
    return oldest;
  }

  /** Returns undefined when there is no room. `onDisk` resolves when the fact is on disk; it never rejects. */
  append(fact: SpooledFact, jobId = jobIdOfFact(fact)): { entry: SpoolEntry; onDisk: Promise<void> } | undefined {
    if (this.closing.signal.aborted) return undefined;
    const bytes = frame(JSON.stringify(fact));
    if (!this.hasRoomFor(bytes.byteLength)) return undefined;
    const entry = new SpoolEntry(fact, jobId);
    this.entries.add(entry);
    this.inMemory += 1;
    this.waitingBytes += bytes.byteLength;
    const onDisk = new Promise<void>((resolve) => this.waiting.push({ entry, bytes, resolve }));
    this.wake();
    return { entry, onDisk };
  }

  /** Returns the fact, from memory or from disk. */
  async read(entry: SpoolEntry): Promise<SpooledFact> {
    if (entry.inMemory) return entry.inMemory;
    if (!entry.stored) throw new Error("the fact is not in the spool");
    const body = await entry.stored.segment.read(entry.stored.position);
    return JSON.parse(body.toString()) as SpooledFact;
  }

  /** Drops the copy in memory. From now on the fact is read from disk. */
  releaseMemory(entry: SpoolEntry): void {
    if (!entry.inMemory) return;
    entry.inMemory = undefined;
    this.inMemory -= 1;
  }

  /** Marks a fact as stored (or dead-lettered) and removes it from the spool. */
  done(entry: SpoolEntry): void {
    if (!this.entries.delete(entry)) return;
    this.releaseMemory(entry);
    entry.stored?.segment.done(entry.stored.position);
  }

  /** Deletes files without live records, then writes which records of the others are done. To be called periodically. */
  async tidy(): Promise<void> {
    for (const segment of this.segments) if (!this.isNeeded(segment)) await this.remove(segment);
    const saved = await Promise.allSettled([...this.segments].map((segment) => segment.saveDone()));
    for (const result of saved) if (result.status === "rejected") throw result.reason;
  }

  /** Writes the waiting facts with one attempt, then closes the files. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.work;
    for (const segment of this.segments) {
      if (segment.live === 0) await this.remove(segment);
      else await segment.saveDone().then(() => segment.close());
    }
  }

  private isNeeded(segment: Segment): boolean {
    const isWritten = segment === this.current && (this.work || Date.now() - this.lastWriteMs < idleFileMs);
    return segment.live > 0 || Boolean(isWritten);
  }

  private hasRoomFor(bytes: number): boolean {
    const { limits } = this.options;
    if (bytes > maxRecordBytes || this.records >= limits.records || this.waiting.length >= limits.waiting) return false;
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
        if (!this.isRead) await this.readRemaining();
        if (this.waiting.length === 0) return;
        await this.writePiece();
        this.setFault(undefined);
        retry = 0;
      } catch (err) {
        this.setFault(err);
        if (this.closing.signal.aborted) return;
        await pause(backoffDelay(retry, writeBackoff), this.closing.signal);
        retry += 1;
      }
    }
  }

  /** Writes the oldest waiting facts. On a full disk it tries fewer and fewer of them, down to a single one. */
  private async writePiece(): Promise<void> {
    for (;;) {
      const piece = this.waiting.slice(0, this.pieceSize);
      try {
        await this.write(piece);
        this.pieceSize = Math.min(this.pieceSize * 2, maxPerWrite);
        return;
      } catch (err) {
        if (!isDiskFull(err) || piece.length === 1) throw err;
        this.pieceSize = Math.ceil(piece.length / 2);
      }
    }
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    const segment = await this.open();
    let positions: RecordPosition[];
    try {
      positions = await segment.append(batch.map(({ bytes }) => bytes));
    } catch (err) {
      // Other errors may concern this file only: the next attempt uses a new one.
      if (!isDiskFull(err) || segment.isDamaged) this.current = undefined;
      throw err;
    }
    this.lastWriteMs = Date.now();
    this.waiting = this.waiting.slice(batch.length);
    for (const [at, { entry, bytes, resolve }] of batch.entries()) {
      const position = positions[at];
      this.waitingBytes -= bytes.byteLength;
      if (position) entry.stored = { segment, position };
      if (this.inMemory > this.options.limits.inMemory) this.releaseMemory(entry);
      resolve();
    }
  }

  private async open(): Promise<Segment> {
    const { current } = this;
    if (current && current.bytes < this.options.limits.segmentBytes) return current;
    this.names.last += 1;
    const name = `${this.names.prefix}-${String(this.names.last).padStart(8, "0")}`;
    await createPrivateDirectory(this.options.directory);
    const segment = await Segment.create(join(this.options.directory, name));
    this.segments.add(segment);
    await syncDirectory(this.options.directory);
    this.current = segment;
    return segment;
  }

  private async readRemaining(): Promise<void> {
    const found = await openRemainingSegments(this.options.directory);
    this.isRead = true;
    this.setFault(undefined);
    const entries = found.flatMap(({ segment, records, isTorn }) => {
      this.segments.add(segment);
      if (isTorn) this.options.onTorn();
      return records.flatMap((record) => this.entryOf(segment, record) ?? []);
    });
    for (const entry of entries) this.entries.add(entry);
    if (entries.length > 0)
      this.options.log.info({ facts: entries.length }, "forwarding the facts of an earlier process");
    this.options.onRemaining(entries);
  }

  private entryOf(segment: Segment, { body, offset, length }: FoundRecord): SpoolEntry | undefined {
    try {
      const fact = JSON.parse(body.toString()) as SpooledFact;
      const entry = new SpoolEntry(fact, jobIdOfFact(fact));
      entry.stored = { segment, position: { offset, length } };
      this.inMemory += 1;
      if (this.inMemory > this.options.limits.inMemory) this.releaseMemory(entry);
      return entry;
    } catch (err) {
      this.options.log.error({ err }, "a record of the spool cannot be parsed, it is skipped");
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
    const before = this.fault;
    this.fault = err === undefined ? undefined : describeDiskFault(err);
    if (this.fault === before) return;
    const { log } = this.options;
    if (this.fault === undefined) log.info("the inbound spool can be written again");
    else log.error({ err }, "the inbound spool cannot be written: facts wait in memory and are not forwarded");
  }
}
