import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Where a profile is unpacked before it becomes the profile. */
export const besideOf = (directory: string) => `${directory}.restoring`;
const supersededBy = (directory: string) => `${directory}.superseded`;

/** Undoes what a process that was killed left half done: the old profile stays the profile until the new one is complete. */
export async function recoverDirectory(directory: string): Promise<void> {
  const superseded = supersededBy(directory);
  if (!(await exists(directory)) && (await exists(superseded))) await rename(superseded, directory);
  await removeBeside(directory);
}

/** Removes copies next to the profile, never the profile. */
export async function removeBeside(directory: string): Promise<void> {
  await rm(besideOf(directory), { recursive: true, force: true });
  await rm(supersededBy(directory), { recursive: true, force: true });
}

/** Makes what was unpacked beside it the profile. At every moment one of the two is there, whole. */
export async function replaceDirectory(directory: string): Promise<void> {
  const superseded = supersededBy(directory);
  await rename(directory, superseded).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(besideOf(directory), directory);
  await syncFolder(dirname(directory));
  await rm(superseded, { recursive: true, force: true });
}

/** Else a power cut may take a renamed name away again. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
