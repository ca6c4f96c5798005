import { type FileHandle, open, readFile } from "node:fs/promises";

const entryBytes = 4;

/** File with the offsets of records that are done. An incomplete offset at the end is overwritten, never read. */
export class DoneFile {
  private readonly unwritten: number[] = [];
  private file: FileHandle | undefined;
  private size = 0;

  constructor(private readonly path: string) {}

  /** Reads the offsets that earlier processes wrote. */
  async read(): Promise<Set<number>> {
    const bytes = await readFile(this.path).catch((err: NodeJS.ErrnoException) => {
      if (err.code === "ENOENT") return Buffer.alloc(0);
      throw err;
    });
    const offsets = new Set<number>();
    for (; this.size + entryBytes <= bytes.byteLength; this.size += entryBytes) {
      const entry = bytes.readUInt32LE(this.size);
      if (entry > 0) offsets.add(entry - 1); // 0 marks space that was allocated but not written before a crash
    }
    return offsets;
  }

  add(offset: number): void {
    this.unwritten.push(offset);
  }

  async save(): Promise<void> {
    const offsets = this.unwritten.splice(0);
    if (offsets.length === 0) return;
    const bytes = Buffer.allocUnsafe(offsets.length * entryBytes);
    for (const [at, offset] of offsets.entries()) bytes.writeUInt32LE(offset + 1, at * entryBytes);
    try {
      this.file ??= await open(this.path, this.size === 0 ? "w" : "r+");
      await writeWhole(this.file, bytes, this.size);
      this.size += bytes.byteLength;
    } catch (err) {
      this.unwritten.push(...offsets);
      throw err;
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }
}

/** Writes all bytes, with as many calls as the file system needs. */
export async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    const left = bytes.byteLength - written;
    written += (await file.write(bytes, written, left, position + written)).bytesWritten;
  }
}
