import { dirname } from "node:path";

/** Above this number of source files a folder must be sorted by topic. */
const maxFilesPerFolder = 22;

/** Migrations are a list in the order of their numbers; nobody searches them by topic. */
const unsortedFolders = new Set(["packages/database/src/migrations"]);

/** Returns one line for each folder that directly contains too many of the given files. */
export function findLargeFolders(files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > maxFilesPerFolder && !unsortedFolders.has(folder))
    .map(([folder, count]) => `${folder} holds ${count} files (limit ${maxFilesPerFolder}): sort them by topic`);
}
