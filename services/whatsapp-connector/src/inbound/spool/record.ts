import { crc32 } from "node:zlib";

/** In front of each record: its length and its checksum, both unsigned 32 bit, little-endian. */
const headerBytes = 8;
/** A longer record can't be one of ours. */
export const longestRecordBytes = 16 * 1024 * 1024;

export interface FoundRecord {
  /** Of its header, in the file. */
  offset: number;
  /** Header included. */
  length: number;
  body: Buffer;
}

export function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(body.byteLength, 0);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/** Undefined when the bytes are not whole, or not what was written. */
export function unframe(bytes: Buffer): Buffer | undefined {
  if (bytes.byteLength < headerBytes) return undefined;
  const length = bytes.readUInt32LE(0);
  if (length === 0 || length > longestRecordBytes || bytes.byteLength < headerBytes + length) return undefined;
  const body = bytes.subarray(headerBytes, headerBytes + length);
  return crc32(body) === bytes.readUInt32LE(4) ? body : undefined;
}

/** Every record up to the first that is torn; `goodBytes` is where that one begins. What follows it was never promised to anybody. */
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
