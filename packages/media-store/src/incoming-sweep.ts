import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import { incomingFolder } from "./spool.ts";

/** Minimum age since the last write. A complete file may wait this long for its upload to the bucket. */
const defaultOlderThanMs = 6 * 3_600_000;
const everyMs = 3_600_000;

/** Removes incomplete files that killed processes left behind. Returns their number. Several processes may sweep concurrently. */
export async function sweepIncoming(directory: string, olderThanMs = defaultOlderThanMs): Promise<number> {
  const folder = join(resolve(directory), incomingFolder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // Another process may have moved or removed the file.
    if (!found?.isFile() || Date.now() - found.mtimeMs < olderThanMs) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/** Sweeps now and about every hour. Returns a function that stops it. */
export function startIncomingSweep(directory: string, log: Pick<Logger, "info" | "warn">): () => Promise<void> {
  const task = new PeriodicTask({
    everyMs,
    runsAtStart: true,
    run: async () => {
      const removed = await sweepIncoming(directory);
      if (removed > 0) log.info({ removed }, "removed incomplete files of killed processes");
    },
    onError: (err) => log.warn({ err }, "could not remove incomplete files of killed processes"),
  });
  task.start();
  return () => task.stop();
}
