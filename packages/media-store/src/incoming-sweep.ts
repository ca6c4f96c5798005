import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { incomingFolder } from "./spool.ts";

/** What is written to counts as young; a file that is whole may still be on its way to the bucket for that long. */
const defaultOlderThanMs = 6 * 3_600_000;
const everyMs = 3_600_000;

/** Removes what killed processes left half written. Answers with how many files; processes may sweep at the same time. */
export async function sweepIncoming(directory: string, olderThanMs = defaultOlderThanMs): Promise<number> {
  const folder = join(resolve(directory), incomingFolder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // moved into place meanwhile
    if (!found?.isFile() || Date.now() - found.mtimeMs < olderThanMs) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/** How the sweep speaks up; pino's logger fits. */
export interface SweepLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Now and every hour, until it is ended. */
export function startIncomingSweep(directory: string, log: SweepLog): () => void {
  const sweep = () =>
    void sweepIncoming(directory).then(
      (removed) => removed > 0 && log.info({ removed }, "removed what killed processes left half written"),
      (err: unknown) => log.warn({ err }, "what killed processes left half written was not removed"),
    );
  sweep();
  const timer = setInterval(sweep, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
