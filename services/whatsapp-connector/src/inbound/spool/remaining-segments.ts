import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createPrivateDirectory } from "@syszap/platform";
import type { FoundRecord } from "./record.ts";
import { Segment } from "./segment.ts";

export interface RemainingSegment {
  segment: Segment;
  /** Records that are not done, oldest first. */
  records: FoundRecord[];
  /** True when an incomplete record was cut off at the end. */
  isTorn: boolean;
}

/** Opens the segments that earlier processes left in the directory, oldest first. Creates the directory if needed. */
export async function openRemainingSegments(directory: string): Promise<RemainingSegment[]> {
  await createPrivateDirectory(directory);
  const names = (await readdir(directory)).sort();
  for (const name of names) {
    if (Segment.isOrphanedDoneFile(name, names)) await rm(join(directory, name), { force: true });
  }
  const opened: RemainingSegment[] = [];
  try {
    for (const name of names.filter(Segment.isName)) opened.push(await Segment.reopen(join(directory, name)));
    return opened;
  } catch (err) {
    await Promise.all(opened.map(({ segment }) => segment.close()));
    throw err;
  }
}

/** Makes new files in the directory survive a power loss. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
