import { constants } from "node:fs";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { DoneFile, writeWhole } from "./done-file.ts";
import { type FoundRecord, readRecords, unframe } from "./record.ts";

/** Where a record lies in its segment. */
export interface Place {
  offset: number;
  length: number;
}
const suffix = ".facts";
const doneSuffix = ".done";
/** Each write returns once it is on disk: one step instead of a write and a sync. */
const newAndSynced = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC;

/**
 * One file of records, written at its end only, and beside it one with the offsets of those that nobody needs any more.
 * The second is never synced: what it loses is only handed over once more.
 */
export class Segment {
  private liveRecords: number;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    private size: number,
    private readonly finished: { done: DoneFile; live: number },
  ) {
    this.liveRecords = finished.live;
  }

  static isName(name: string): boolean {
    return name.endsWith(suffix);
  }
  /** Whose records are gone. */
  static isLeftOver(name: string, all: readonly string[]): boolean {
    return name.endsWith(doneSuffix) && !all.includes(`${name.slice(0, -doneSuffix.length)}${suffix}`);
  }

  /** `base` without a suffix; rejects when there is one of that name. */
  static async create(base: string): Promise<Segment> {
    const path = `${base}${suffix}`;
    return new Segment(path, await open(path, newAndSynced), 0, { done: new DoneFile(donePathOf(path)), live: 0 });
  }

  /** One that an earlier process left. `torn`: its end was cut off, since it had not been written whole. */
  static async reopen(path: string): Promise<{ segment: Segment; records: FoundRecord[]; isTorn: boolean }> {
    const bytes = await readFile(path);
    const { records, goodBytes } = readRecords(bytes);
    const done = new DoneFile(donePathOf(path));
    const finished = await done.read();
    const live = records.filter(({ offset }) => !finished.has(offset));
    const isTorn = goodBytes < bytes.byteLength;
    const file = await open(path, "r+");
    if (isTorn) await file.truncate(goodBytes);
    return { segment: new Segment(path, file, goodBytes, { done, live: live.length }), records: live, isTorn };
  }

  get bytes(): number {
    return this.size;
  }
  /** Records that somebody needs still. */
  get live(): number {
    return this.liveRecords;
  }

  /** On disk when it resolves, all of them. When it rejects, none of them is in the file, as far as the disk lets us say so. */
  async append(records: readonly Buffer[]): Promise<Place[]> {
    const before = this.size;
    try {
      const bytes = Buffer.concat(records);
      await writeWhole(this.file, bytes, before);
      this.size = before + bytes.byteLength;
    } catch (err) {
      await this.file.truncate(before).catch(() => undefined);
      throw err;
    }
    this.liveRecords += records.length;
    let offset = before;
    return records.map(({ byteLength: length }) => {
      const place = { offset, length };
      offset += length;
      return place;
    });
  }

  /** Rejects when the bytes there are not what was written. */
  async read({ offset, length }: Place): Promise<Buffer> {
    const { buffer, bytesRead } = await this.file.read(Buffer.allocUnsafe(length), 0, length, offset);
    const body = unframe(buffer.subarray(0, bytesRead));
    if (!body) throw new Error("a record of the spool can't be read any more");
    return body;
  }

  /** Written with the next `saveDone`. */
  done({ offset }: Place): void {
    this.liveRecords -= 1;
    this.finished.done.add(offset);
  }

  /** What fails stays for the next time. */
  saveDone(): Promise<void> {
    return this.finished.done.save();
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.finished.done.close();
  }

  /** The records first: without them, what is said to be done means nothing. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await rm(donePathOf(this.path), { force: true });
  }
}

const donePathOf = (path: string) => `${path.slice(0, -suffix.length)}${doneSuffix}`;
