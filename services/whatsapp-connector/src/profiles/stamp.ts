import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileStamp } from "@syszap/database";
import { z } from "zod";

/** Of all that is in a profile's directory, only this file is ours. It is never part of an archive. */
export const stampFile = "profile-stamp.json";

const Stamp = z.object({ generation: z.number().int().min(0), sequence: z.number().int().min(0) });

/** What can't be read may be newer than anything: no archive replaces it. */
const unreadable: ProfileStamp = { generation: Number.MAX_SAFE_INTEGER, sequence: 0 };

/** Undefined: this directory holds no profile that was ever linked, or none at all. */
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

/** On disk once it resolves. */
export async function writeStamp(directory: string, { generation, sequence }: ProfileStamp): Promise<void> {
  await mkdir(directory, { recursive: true });
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

/** Whatever was used under a later lease is newer, also when it was never archived. */
export function isOlder(one: ProfileStamp, other: ProfileStamp): boolean {
  return one.generation === other.generation ? one.sequence < other.sequence : one.generation < other.generation;
}
