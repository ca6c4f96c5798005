import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FoundRecord } from "./record.ts";
import { Segment } from "./segment.ts";

export interface LeftOver {
  segment: Segment;
  /** Those that nobody took, oldest first. */
  records: FoundRecord[];
  /** Its end was cut off, since it had not been written whole. */
  isTorn: boolean;
}

/** What earlier processes left in the directory, oldest first; makes it when there is none. */
export async function readLeftOver(directory: string): Promise<LeftOver[]> {
  await mkdir(directory, { recursive: true });
  const names = (await readdir(directory)).sort();
  for (const name of names) if (Segment.isLeftOver(name, names)) await rm(join(directory, name), { force: true });
  const found: LeftOver[] = [];
  try {
    for (const name of names.filter(Segment.isName)) found.push(await Segment.reopen(join(directory, name)));
    return found;
  } catch (err) {
    await Promise.all(found.map(({ segment }) => segment.close()));
    throw err;
  }
}

/** So that a new file is still there after the machine lost power. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
