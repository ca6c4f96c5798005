import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { moveInto, openFile, removeBelow } from "./filesystem-files.ts";
import { assertRange } from "./media-store.ts";
import { assertPrivateKey, type PrivateStore, privateFolder } from "./private-store.ts";
import { withSpooledFile } from "./spool.ts";

/** Stores files under `<directory>/private`, readable by the user of the process only. Processes may share the directory. */
export function createFilesystemPrivateStore(directory: string, options: { limitBytes: number }): PrivateStore {
  const root = resolve(directory);
  const pathOf = (key: string) => {
    assertPrivateKey(key);
    return join(root, privateFolder, key);
  };
  return {
    async put(key, bytes) {
      const path = pathOf(key);
      const { limitBytes } = options;
      return withSpooledFile(root, bytes, { limitBytes, mode: 0o600 }, async ({ path: from, size, sha256 }) => {
        await moveInto(from, path);
        return { size, sha256 };
      });
    },
    async open(key, range) {
      assertRange(range);
      return openFile(pathOf(key), range);
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
    async removeBelow(folder, limit) {
      return removeBelow(pathOf(folder), limit);
    },
    async list(folder) {
      const entries = await readdir(pathOf(folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      });
      return entries.filter((entry) => entry.isFile()).map((entry) => `${folder}/${entry.name}`);
    },
  };
}
