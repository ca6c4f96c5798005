import { constants } from "node:fs";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { DoneFile, writeWhole } from "./done-file.ts";
import { type FoundRecord, readRecords, unframe } from "./record.ts";

/** Position of a record in its segment. */
export interface RecordPosition {
  offset: number;
  length: number;
}
const suffix = ".facts";
const doneSuffix = ".done";
/** O_DSYNC: a write returns when its data is on disk, without a separate sync. */
const newAndSynced = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC;

/**
 * An append-only file of records, with a second file of the offsets of those that are done. The second file is not synced:
 * a record whose offset is lost is only forwarded once more.
 */
export class Segment {
  private liveRecords: number;
  private damaged = false;

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

  /** True for a done file whose segment does not exist any more. */
  static isOrphanedDoneFile(name: string, all: readonly string[]): boolean {
    return name.endsWith(doneSuffix) && !all.includes(`${name.slice(0, -doneSuffix.length)}${suffix}`);
  }

  /** Creates a segment; `base` is the path without the suffix. Rejects when the file exists. */
  static async create(base: string): Promise<Segment> {
    const path = `${base}${suffix}`;
    return new Segment(path, await open(path, newAndSynced), 0, { done: new DoneFile(donePathOf(path)), live: 0 });
  }

  /** Opens a segment of an earlier process. An incomplete record at its end is cut off (`isTorn`). */
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

  /** Number of records that are not done. */
  get live(): number {
    return this.liveRecords;
  }

  /** True after a failed write that could not be undone: the end of the file is unknown, so nothing may be appended. */
  get isDamaged(): boolean {
    return this.damaged;
  }

  /** Resolves when all records are on disk. When it rejects, the file has its previous size, or is damaged. */
  async append(records: readonly Buffer[]): Promise<RecordPosition[]> {
    const before = this.size;
    try {
      const bytes = Buffer.concat(records);
      await writeWhole(this.file, bytes, before);
      this.size = before + bytes.byteLength;
    } catch (err) {
      await this.file.truncate(before).catch(() => {
        this.damaged = true;
      });
      throw err;
    }
    this.liveRecords += records.length;
    let offset = before;
    return records.map(({ byteLength: length }) => {
      const position = { offset, length };
      offset += length;
      return position;
    });
  }

  /** Returns the body of the record. Rejects when the record is damaged. */
  async read({ offset, length }: RecordPosition): Promise<Buffer> {
    const { buffer, bytesRead } = await this.file.read(Buffer.allocUnsafe(length), 0, length, offset);
    const body = unframe(buffer.subarray(0, bytesRead));
    if (!body) throw new Error("a record of the spool is damaged");
    return body;
  }

  /** Marks a record as done; the next `saveDone` writes it. */
  done({ offset }: RecordPosition): void {
    this.liveRecords -= 1;
    this.finished.done.add(offset);
  }

  /** Offsets that could not be written are written by the next call. */
  saveDone(): Promise<void> {
    return this.finished.done.save();
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.finished.done.close();
  }

  /** Deletes the records first: a done file without its segment has no meaning. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    await rm(donePathOf(this.path), { force: true });
  }
}

const donePathOf = (path: string) => `${path.slice(0, -suffix.length)}${doneSuffix}`;
