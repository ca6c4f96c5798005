import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { ProfileStamp } from "@syszap/database";
import { type MasterKeys, masterKeyIdBytes } from "@syszap/platform";
import { ArchiveRefusedError } from "./errors.ts";
import { archiveKey, type ProfileOwner } from "./profile-keys.ts";

const magic = Buffer.from("SZPROF01");
const saltBytes = 32;
const headerBytes = magic.byteLength + masterKeyIdBytes + saltBytes + 8 + 8;
const tagBytes = 16;
/** Each chunk is verified before it is used, so that only bytes that we sealed are unpacked. */
const chunkBytes = 64 * 1024;

type Bytes = AsyncIterable<Uint8Array>;
interface Sealing {
  key: Buffer;
  associated: Buffer;
}

/** The header of a sealed archive. It is not secret, but covered by the tag of every chunk. */
function header(keys: MasterKeys, salt: Buffer, stamp: ProfileStamp): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(stamp.generation), 0);
  numbers.writeBigUInt64BE(BigInt(stamp.sequence), 8);
  return Buffer.concat([magic, keys.current.id, salt, numbers]);
}

const associate = (head: Buffer, { companyId, sessionId }: ProfileOwner) =>
  Buffer.concat([head, Buffer.from(`${companyId}|${sessionId}`)]);

/** Unique, since each archive has its own key. Marks the last chunk, so that a truncated archive is detected. */
function nonce(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

/** Encrypts in chunks with AES-256-GCM. The result can be opened only with these keys, for this owner, and as a whole. */
export async function* seal(source: Bytes, keys: MasterKeys, owner: ProfileOwner, stamp: ProfileStamp): Bytes {
  const salt = randomBytes(saltBytes);
  const head = header(keys, salt, stamp);
  const sealing = { key: archiveKey(keys.current, salt, owner), associated: associate(head, owner) };
  yield head;
  for await (const { bytes, index, isLast } of chunked(source, chunkBytes)) {
    const cipher = createCipheriv("aes-256-gcm", sealing.key, nonce(index, isLast));
    cipher.setAAD(sealing.associated);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Decrypts an archive. Throws `ArchiveRefusedError` unless `seal` created it for this owner and stamp. */
export async function* unseal(source: Bytes, keys: MasterKeys, owner: ProfileOwner, expected: ProfileStamp): Bytes {
  const reader = source[Symbol.asyncIterator]();
  const { head, rest } = await readHead(reader);
  const sealing = open(head, keys, owner, expected);
  for await (const { bytes, index, isLast } of chunked(prepend(rest, reader), chunkBytes + tagBytes)) {
    yield decrypt(sealing, bytes, nonce(index, isLast));
  }
}

function open(head: Buffer, keys: MasterKeys, owner: ProfileOwner, expected: ProfileStamp): Sealing {
  if (head.byteLength < headerBytes || !head.subarray(0, magic.byteLength).equals(magic)) {
    throw new ArchiveRefusedError("the archive is truncated, or is not an archive of a profile");
  }
  const [idEnd, saltEnd] = [magic.byteLength + masterKeyIdBytes, magic.byteLength + masterKeyIdBytes + saltBytes];
  const master = keys.find(head.subarray(magic.byteLength, idEnd));
  if (!master) {
    throw new ArchiveRefusedError("the archive was sealed with another key: add that key to PROFILE_ENCRYPTION_KEY");
  }
  const generation = Number(head.readBigUInt64BE(saltEnd));
  const sequence = Number(head.readBigUInt64BE(saltEnd + 8));
  if (generation !== expected.generation || sequence !== expected.sequence) {
    throw new ArchiveRefusedError("the archive is not the recorded one");
  }
  const salt = head.subarray(idEnd, saltEnd);
  return { key: archiveKey(master, salt, owner), associated: associate(head, owner) };
}

function decrypt({ key, associated }: Sealing, bytes: Buffer, iv: Buffer): Buffer {
  const end = bytes.byteLength - tagBytes;
  if (end < 0) throw new ArchiveRefusedError("the archive is truncated");
  const decipher = createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAAD(associated);
  decipher.setAuthTag(bytes.subarray(end));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()]);
  } catch {
    throw new ArchiveRefusedError("the archive was altered or truncated, or belongs to another session");
  }
}

async function readHead(reader: AsyncIterator<Uint8Array>): Promise<{ head: Buffer; rest: Buffer }> {
  let held = Buffer.alloc(0);
  while (held.byteLength < headerBytes) {
    const next = await reader.next();
    if (next.done) break;
    held = Buffer.concat([held, next.value]);
  }
  return { head: held.subarray(0, headerBytes), rest: held.subarray(headerBytes) };
}

async function* prepend(first: Buffer, reader: AsyncIterator<Uint8Array>): Bytes {
  yield first;
  for (let next = await reader.next(); !next.done; next = await reader.next()) yield next.value;
}

/** Splits the source into chunks of `size` bytes. The last chunk has the rest, and may be empty. */
async function* chunked(source: Bytes, size: number) {
  let held: Uint8Array[] = [];
  let length = 0;
  let index = 0;
  for await (const part of source) {
    held.push(part);
    length += part.byteLength;
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let start = 0;
    for (; all.byteLength - start > size; start += size) {
      yield { bytes: all.subarray(start, start + size), index: index++, isLast: false };
    }
    held = [all.subarray(start)];
    length = all.byteLength - start;
  }
  yield { bytes: Buffer.concat(held), index, isLast: true };
}
