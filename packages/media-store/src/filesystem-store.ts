import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import type { StoredFile } from "@syszap/contracts";
import { type MediaMeta, MediaNotFoundError, type MediaStore, MediaTooLargeError } from "./media-store.ts";

/** WhatsApp itself takes documents up to 2 GB; what people send in a chat with a company stays far below this. */
const defaultLimitBytes = 100 * 1024 * 1024;
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const companyPattern = new RegExp(`^${uuid}$`, "i");
const keyPattern = new RegExp(`^${uuid}/[0-9a-f]{2}/[0-9a-f]{64}$`, "i");
const longestFileName = 255;

/** Keeps files under `directory` as `<company>/<first two of the hash>/<hash>`; processes may share the directory. */
export function createFilesystemStore(directory: string, options: { limitBytes?: number } = {}): MediaStore {
  const root = resolve(directory);
  const limitBytes = options.limitBytes ?? defaultLimitBytes;
  const pathOf = (storageKey: string) => {
    if (!keyPattern.test(storageKey)) throw new MediaNotFoundError();
    return join(root, storageKey);
  };
  return {
    async put(bytes, meta) {
      if (!companyPattern.test(meta.companyId)) throw new TypeError("companyId is not a UUID");
      const incoming = join(root, ".incoming", randomUUID());
      await mkdir(dirname(incoming), { recursive: true });
      try {
        const { size, sha256 } = await write(incoming, bytes, limitBytes);
        const storageKey = `${meta.companyId}/${sha256.slice(0, 2)}/${sha256}`;
        await moveInto(incoming, join(root, storageKey));
        return describe(meta, { storageKey, size, sha256 });
      } finally {
        await rm(incoming, { force: true });
      }
    },
    async open(storageKey) {
      const file = await open(pathOf(storageKey), "r").catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? new MediaNotFoundError() : error;
      });
      try {
        const { size } = await file.stat();
        return { stream: file.createReadStream(), size };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async remove(storageKey) {
      await rm(pathOf(storageKey), { force: true });
    },
  };
}

/** What callers tell of a file comes from strangers: it is cut to what rows and jobs hold. */
function describe(meta: MediaMeta, stored: Pick<StoredFile, "storageKey" | "size" | "sha256">): StoredFile {
  const fileName = meta.fileName?.replaceAll("\u0000", "").slice(0, longestFileName).toWellFormed() || null;
  return { ...stored, mimeType: meta.mimeType.slice(0, 200), fileName };
}

async function write(path: string, bytes: Uint8Array | Readable, limitBytes: number) {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let size = 0;
  try {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      const part = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      size += part.byteLength;
      if (size > limitBytes) throw new MediaTooLargeError(limitBytes);
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

/** A rename within one file system is atomic: readers see the whole file or none. */
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
