import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { MediaNotFoundError, MediaTooLargeError } from "./media-store.ts";

const incomingFolder = ".incoming";

/** Writes beside, then gives `place` the hash and renames to where it says: readers see the whole file or none. */
export async function putFile<Placed extends { path: string }>(
  root: string,
  bytes: Uint8Array | Readable,
  options: { limitBytes: number; mode?: number },
  place: (written: { size: number; sha256: string }) => Placed,
): Promise<Placed> {
  const incoming = join(root, incomingFolder, randomUUID());
  await mkdir(dirname(incoming), { recursive: true });
  try {
    const placed = place(await write(incoming, bytes, options));
    await moveInto(incoming, placed.path);
    return placed;
  } finally {
    await rm(incoming, { force: true });
  }
}

/** Rejects with `MediaNotFoundError` when there is none. */
export async function openFile(path: string): Promise<{ stream: Readable; size: number }> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new MediaNotFoundError() : error;
  });
  try {
    const { size } = await file.stat();
    return { stream: file.createReadStream(), size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function write(path: string, bytes: Uint8Array | Readable, options: { limitBytes: number; mode?: number }) {
  const hash = createHash("sha256");
  const file = await open(path, "wx", options.mode);
  let size = 0;
  try {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      const part = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      size += part.byteLength;
      if (size > options.limitBytes) throw new MediaTooLargeError(options.limitBytes);
      hash.update(part);
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
    if (bytes instanceof Readable) bytes.destroy();
  }
  return { size, sha256: hash.digest("hex") };
}

/** A rename within one file system is atomic. */
async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  const folder = await open(dirname(to), "r");
  try {
    await folder.sync(); // else a power cut may take the name away again
  } finally {
    await folder.close();
  }
}
