import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";

/** So long an uploaded file waits for the message that has it. */
const keptMs = 24 * 3_600_000;
const everyMs = 3_600_000;
const perRound = 100;

interface SweepParts {
  database: Database;
  store: MediaStore;
  log: Logger;
}

/** Removes what was uploaded before then and never sent. Answers with how many files; processes may sweep at the same time. */
export async function sweepUploads({ database, store }: Omit<SweepParts, "log">, before: Date): Promise<number> {
  let removed = 0;
  for (;;) {
    const old = await database.system.oldUploads.list(before, perRound);
    for (const { companyId, mediaId } of old) {
      const isGone = await database.withCompany(companyId, ({ uploads }) =>
        uploads.discard(mediaId, before, (storageKey) => store.remove(storageKey, before)),
      );
      if (isGone) removed += 1;
    }
    if (old.length < perRound) return removed;
  }
}

/** Every hour, until it is ended. */
export function startUploadSweep(parts: SweepParts): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = sweepUploads(parts, new Date(Date.now() - keptMs)).then(
      (removed) => void (removed > 0 && parts.log.info({ removed }, "removed uploads that were never sent")),
      (err: unknown) => parts.log.warn({ err }, "uploads that were never sent were not removed"),
    );
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
