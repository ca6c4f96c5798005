import { crc32 } from "node:zlib";

/** Header of each record: length and CRC-32 of the body, both unsigned 32 bit, little-endian. */
const headerBytes = 8;
/** Upper bound of a record's body. A larger length means that the file is damaged. */
export const maxRecordBytes = 16 * 1024 * 1024;

export interface FoundRecord {
  /** Position of the header in the file. */
  offset: number;
  /** With the header. */
  length: number;
  body: Buffer;
}

/** Returns the record of a text: header and body. */
export function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(body.byteLength, 0);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/** Returns the body of the record that `bytes` starts with, or undefined when it is incomplete or damaged. */
export function unframe(bytes: Buffer): Buffer | undefined {
  if (bytes.byteLength < headerBytes) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length === 0 || length > maxRecordBytes || bytes.byteLength < headerBytes + length) return undefined;
  const body = bytes.subarray(headerBytes, headerBytes + length);
  return crc32(body) === bytes.readUInt32LE(4) ? body : undefined;
}

/**
 * Reads records up to the first incomplete or damaged one, which begins at `goodBytes`. Records after that one were never
 * confirmed as written.
 */
export function readRecords(file: Buffer): { records: FoundRecord[]; goodBytes: number } {
  const records: FoundRecord[] = [];
  let offset = 0;
  for (;;) {
    const body = unframe(file.subarray(offset));
    if (!body) return { records, goodBytes: offset };
    const length = headerBytes + body.byteLength;
    records.push({ offset, length, body });
    offset += length;
  }
}
