import { chmod, mkdir } from "node:fs/promises";

const ownerOnly = 0o700;

/**
 * Creates the directory and missing parents for this user only: they hold messages and the keys of linked phones. An existing
 * directory gets the same mode if it belongs to this user. The mount point of a volume may belong to another one.
 */
export async function createPrivateDirectory(path: string): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode: ownerOnly });
  if (created !== undefined) return;
  await chmod(path, ownerOnly).catch((err: NodeJS.ErrnoException) => {
    if (err.code !== "EPERM" && err.code !== "EROFS") throw err;
  });
}
