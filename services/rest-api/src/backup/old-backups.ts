import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { entriesOf } from "./copy-files.ts";
import { names, pooledPath, poolOf } from "./manifest.ts";

const backupName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$/;

/** Complete backups, oldest first. */
const listBackups = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => backupName.test(name)).sort();

/**
 * Removes all but the newest `keep` backups, and then the files that no remaining backup lists. A kill in between leaves files, which
 * the next call removes.
 */
export async function removeOldBackups(directory: string, keep: number): Promise<void> {
  const backups = await listBackups(directory);
  for (const old of backups.slice(0, -keep)) await rm(join(directory, old), { recursive: true });
  const used = new Set<string>();
  for (const kept of backups.slice(-keep))
    for await (const batch of entriesOf(join(directory, kept, names.files)))
      for (const entry of batch) used.add(pooledPath(directory, entry));
  for (const entry of await readdir(poolOf(directory), { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !used.has(path)) await rm(path);
  }
}
