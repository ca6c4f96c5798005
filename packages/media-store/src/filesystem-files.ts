import { mkdir, open, opendir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ByteRange, MediaNotFoundError, MediaRangeError, type OpenedFile } from "./media-store.ts";

/**
 * Rejects with `MediaNotFoundError` when the file does not exist, and with `MediaRangeError` when the range starts beyond its
 * end.
 */
export async function openFile(path: string, range?: ByteRange): Promise<OpenedFile> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new MediaNotFoundError() : error;
  });
  try {
    const { size } = await file.stat();
    if (range && range.start >= size) throw new MediaRangeError(size);
    return { stream: file.createReadStream(range), size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Moves a file within one file system. The rename is atomic: readers see the complete file or none. */
export async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  const folder = await open(dirname(to), "r");
  try {
    await folder.sync(); // Makes the new directory entry durable in case of a power failure.
  } finally {
    await folder.close();
  }
}

/** Removes at most `limit` files below a folder, and folders that are empty. Returns the number of files. */
export async function removeBelow(folder: string, limit: number): Promise<number> {
  const entries = await opendir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!entries) return 0;
  let removed = 0;
  for await (const entry of entries) {
    if (removed >= limit) return removed;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      removed += await removeBelow(path, limit - removed);
    } else {
      await rm(path, { force: true });
      removed += 1;
    }
  }
  // Another process may have removed the folder, or added a file, which the next call removes.
  await rmdir(folder).catch(() => undefined);
  return removed;
}
