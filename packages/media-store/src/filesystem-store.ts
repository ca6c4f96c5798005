import { rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { moveInto, openFile, removeBelow } from "./filesystem-files.ts";
import { assertCompany, assertMediaKey, describeFile } from "./media-keys.ts";
import { assertRange, defaultLimitBytes, type MediaStore } from "./media-store.ts";
import { withSpooledFile } from "./spool.ts";

/** Stores files under `directory` by their storage keys. Processes may share the directory. */
export function createFilesystemStore(directory: string, options: { limitBytes?: number } = {}): MediaStore {
  const root = resolve(directory);
  const limitBytes = options.limitBytes ?? defaultLimitBytes;
  const pathOf = (storageKey: string) => {
    assertMediaKey(storageKey);
    return join(root, storageKey);
  };
  return {
    async put(bytes, meta) {
      assertCompany(meta);
      return withSpooledFile(root, bytes, { limitBytes }, async (file) => {
        const stored = await describeFile(meta, file);
        await moveInto(file.path, pathOf(stored.storageKey));
        return stored;
      });
    },
    async open(storageKey, range) {
      assertRange(range);
      return openFile(pathOf(storageKey), range);
    },
    async remove(storageKey, writtenBefore) {
      const path = pathOf(storageKey);
      const writtenAt = writtenBefore && (await stat(path).catch(() => undefined))?.mtime;
      if (writtenBefore && writtenAt && writtenAt >= writtenBefore) return;
      await rm(path, { force: true });
    },
    async removeOfCompany(companyId, limit) {
      assertCompany({ companyId });
      return removeBelow(join(root, companyId), limit);
    },
  };
}
