import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { sniffedBytes } from "./detect-mime-type.ts";
import { type FileBytes, MediaTooLargeError } from "./media-store.ts";

export const incomingFolder = ".incoming";

export interface SpooledFile {
  /** Deleted when `use` has ended, unless `use` moved the file. */
  path: string;
  size: number;
  sha256: string;
  /** First bytes, for type detection. */
  head: Buffer;
}

/**
 * Writes the bytes to a temporary file under `root`, computes size and hash, and passes the complete file to `use`. The temporary
 * file is always removed: also when it is too large, when the stream fails or when `use` rejects. A stream is always destroyed.
 */
export async function withSpooledFile<Result>(
  root: string,
  bytes: FileBytes,
  options: { limitBytes: number; mode?: number },
  use: (file: SpooledFile) => Promise<Result>,
): Promise<Result> {
  const path = join(root, incomingFolder, randomUUID());
  const stream = bytes instanceof Readable ? bytes : undefined;
  stream?.on("error", ignore); // A stream may fail before it is read. The read then rejects with its error.
  try {
    await mkdir(join(root, incomingFolder), { recursive: true });
    return await use({ path, ...(await write(path, bytes, options)) });
  } finally {
    stream?.destroy();
    await rm(path, { force: true });
  }
}

const ignore = () => undefined;

async function write(path: string, bytes: FileBytes, options: { limitBytes: number; mode?: number }) {
  const hash = createHash("sha256");
  const file = await open(path, "wx", options.mode);
  let size = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      const part = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      size += part.byteLength;
      if (size > options.limitBytes) throw new MediaTooLargeError(options.limitBytes);
      hash.update(part);
      if (head.length < sniffedBytes) head = Buffer.concat([head, part.subarray(0, sniffedBytes - head.length)]);
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest("hex"), head };
}
