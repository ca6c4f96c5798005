import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";

/** An uploaded file is removed when no message uses it within this time. */
const retentionMs = 24 * 3_600_000;
const everyMs = 3_600_000;
const batchSize = 100;

interface UploadSweepDependencies {
  database: Database;
  store: MediaStore;
  log: Logger;
}

/** Removes files that were uploaded before `before` and never sent. Returns their number. Processes may sweep concurrently. Stops while a backup is made. */
export async function sweepUploads(
  { database, store }: Omit<UploadSweepDependencies, "log">,
  before: Date,
): Promise<number> {
  let removed = 0;
  for (;;) {
    if (await database.system.fileRemovals.areHeld()) return removed;
    const unsent = await database.system.oldUploads.list(before, batchSize);
    for (const { companyId, mediaId } of unsent) {
      const isRemoved = await database.withCompany(companyId, ({ uploads }) =>
        uploads.discard(mediaId, before, (storageKey) => store.remove(storageKey, before)),
      );
      if (isRemoved) removed += 1;
    }
    if (unsent.length < batchSize) return removed;
  }
}

/** Sweeps about every hour. Returns a function that stops it and waits for the current run. */
export function startUploadSweep(dependencies: UploadSweepDependencies): () => Promise<void> {
  const { log } = dependencies;
  const task = new PeriodicTask({
    everyMs,
    run: async () => {
      const removed = await sweepUploads(dependencies, new Date(Date.now() - retentionMs));
      if (removed > 0) log.info({ removed }, "removed uploads that were never sent");
    },
    onError: (err) => log.warn({ err }, "could not remove uploads that were never sent"),
  });
  task.start();
  return () => task.stop();
}
