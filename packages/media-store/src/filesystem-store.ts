import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { StoredFile } from "@syszap/contracts";
import { openFile, putFile } from "./filesystem-files.ts";
import { type MediaMeta, MediaNotFoundError, type MediaStore } from "./media-store.ts";

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
      const { path: _, ...stored } = await putFile(root, bytes, { limitBytes }, ({ size, sha256 }) => {
        const storageKey = `${meta.companyId}/${sha256.slice(0, 2)}/${sha256}`;
        return { path: join(root, storageKey), storageKey, size, sha256 };
      });
      return describe(meta, stored);
    },
    open: async (storageKey) => openFile(pathOf(storageKey)),
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
