import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openFile, putFile } from "./filesystem-files.ts";
import { assertPrivateKey, type PrivateStore } from "./private-store.ts";

/** No media key begins so: those begin with a company's id. */
const privateFolder = "private";

/** Keeps files under `<directory>/private`, readable for the process's own user only; processes may share the directory. */
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
      const { size, sha256 } = await putFile(root, bytes, { limitBytes, mode: 0o600 }, (it) => ({ path, ...it }));
      return { size, sha256 };
    },
    open: async (key) => openFile(pathOf(key)),
    async remove(key) {
      await rm(pathOf(key), { force: true });
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
