import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Path at which an archive is unpacked before it replaces the profile. */
export const restoringPathOf = (directory: string) => `${directory}.restoring`;
const supersededPathOf = (directory: string) => `${directory}.superseded`;

/** Undoes an incomplete replacement of a killed process: the old profile is used unless the new one is complete. */
export async function recoverDirectory(directory: string): Promise<void> {
  const superseded = supersededPathOf(directory);
  if (!(await exists(directory)) && (await exists(superseded))) await rename(superseded, directory);
  await removeTemporaryCopies(directory);
}

/** Removes the temporary copies of the profile, but not the profile. */
export async function removeTemporaryCopies(directory: string): Promise<void> {
  await rm(restoringPathOf(directory), { recursive: true, force: true });
  await rm(supersededPathOf(directory), { recursive: true, force: true });
}

/** Replaces the profile by the unpacked one. At every moment one complete profile exists on disk. */
export async function replaceDirectory(directory: string): Promise<void> {
  const superseded = supersededPathOf(directory);
  await rename(directory, superseded).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(restoringPathOf(directory), directory);
  await syncFolder(dirname(directory));
  await rm(superseded, { recursive: true, force: true });
}

/** Makes a rename survive a power failure. */
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
