import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileStamp } from "@syszap/database";
import { createPrivateDirectory } from "@syszap/platform";
import { z } from "zod";

/** The only file of the connector in a profile's directory. It is excluded from archives. */
export const stampFile = "profile-stamp.json";

const Stamp = z.object({ generation: z.number().int().min(0), sequence: z.number().int().min(0) });

/** An unreadable stamp counts as the newest, so that no archive replaces the profile. */
const unreadable: ProfileStamp = { generation: Number.MAX_SAFE_INTEGER, sequence: 0 };

/** Undefined if the directory does not exist, or its profile was never linked. */
export async function readStamp(directory: string): Promise<ProfileStamp | undefined> {
  const text = await readFile(join(directory, stampFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return Stamp.parse(JSON.parse(text));
  } catch {
    return unreadable;
  }
}

/** Resolves when the stamp is on disk. */
export async function writeStamp(directory: string, { generation, sequence }: ProfileStamp): Promise<void> {
  await createPrivateDirectory(directory);
  const path = join(directory, stampFile);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify({ generation, sequence }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** A profile of a later lease is newer, also if it was never archived. */
export function isOlder(one: ProfileStamp, other: ProfileStamp): boolean {
  return one.generation === other.generation ? one.sequence < other.sequence : one.generation < other.generation;
}
