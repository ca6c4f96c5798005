import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { MediaNotFoundError, type MediaStore, type PrivateStore } from "@syszap/media-store";
import { ProblemError } from "../problem.ts";
import { FileEntry, pooledPath } from "./manifest.ts";

export interface Stores {
  media: MediaStore;
  profiles: PrivateStore;
}

const copiesAtOnce = 8;

/** Entries of a list of files, several at a time. */
export async function* entriesOf(list: string): AsyncGenerator<FileEntry[]> {
  let batch: FileEntry[] = [];
  for await (const line of createInterface({ input: createReadStream(list), crlfDelay: Number.POSITIVE_INFINITY })) {
    batch.push(FileEntry.parse(JSON.parse(line)));
    if (batch.length < copiesAtOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Copies a file from its store into the folder that all backups share. Returns false when the store has no such file. A file that an
 * earlier backup has copied is not read again: files never change.
 */
export async function copyToPool(directory: string, { media, profiles }: Stores, entry: FileEntry): Promise<boolean> {
  const path = pooledPath(directory, entry);
  if ((await sizeOf(path)) === entry.size) return true;
  const opened = await (entry.kind === "media" ? media : profiles).open(entry.key).catch((error: unknown) => {
    if (error instanceof MediaNotFoundError) return undefined;
    throw error;
  });
  if (!opened) return false;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.partial`;
  try {
    await pipeline(
      opened.stream,
      (bytes: AsyncIterable<Uint8Array>) => verified(bytes, entry),
      createWriteStream(partial, { mode: 0o600, flush: true }),
    );
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return true;
}

/** Copies a file from the backup into its store. A media file gets the same key as before, which is made of its content. */
export async function copyToStore(directory: string, { media, profiles }: Stores, entry: FileEntry): Promise<void> {
  const path = pooledPath(directory, entry);
  if ((await sizeOf(path)) === undefined)
    throw new ProblemError("conflict", `The backup is incomplete: ${path} is missing. Use another backup.`);
  const bytes = verified(createReadStream(path), entry);
  if (entry.kind === "profile") {
    await profiles.put(entry.key, bytes);
    return;
  }
  const [companyId = ""] = entry.key.split("/");
  const stored = await media.put(bytes, { companyId, mimeType: "application/octet-stream", fileName: null });
  if (stored.storageKey !== entry.key)
    throw new ProblemError(
      "conflict",
      `${path} is damaged: its content does not belong to its name. Use another backup.`,
    );
}

async function* verified(bytes: AsyncIterable<Uint8Array>, { key, sha256 }: FileEntry): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== sha256)
    throw new ProblemError("conflict", `The file ${key} is damaged: its content differs from the database's checksum.`);
}

const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;

const keyIdBytes = { start: 8, length: 8 };

/** The id of the key that encrypted an archived profile, which follows the first eight bytes of the archive. */
export async function profileKeyId(directory: string, entry: FileEntry): Promise<string> {
  const file = await open(pooledPath(directory, entry), "r");
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(keyIdBytes.length),
      0,
      keyIdBytes.length,
      keyIdBytes.start,
    );
    return buffer.toString("hex", 0, bytesRead);
  } finally {
    await file.close();
  }
}
