import type { Database } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";

/** The same bytes may be on their way in another message, whose job was queued before the deletion. */
const graceMs = 10_000;
const everyMs = 5_000;
const batchSize = 100;

interface RemovalSweepDependencies {
  database: Database;
  store: MediaStore;
  log: Logger;
}

/** Removes the files of deleted messages that were requested before `before`. Processes may sweep concurrently. Stops while a backup is made. */
export async function sweepRemovals(
  { database, store }: Omit<RemovalSweepDependencies, "log">,
  before: Date,
): Promise<void> {
  for (;;) {
    if (await database.system.fileRemovals.areHeld()) return;
    const due = await database.system.dueRemovals.listFiles(before, batchSize);
    for (const { companyId, storageKey } of due)
      await database.withCompany(companyId, ({ mediaRemovals }) =>
        mediaRemovals.finish(storageKey, (key, requestedAt) => store.remove(key, requestedAt)),
      );
    if (due.length < batchSize) return;
  }
}

/** Returns a function that stops the sweep and waits for the current run. */
export function startRemovalSweep(dependencies: RemovalSweepDependencies): () => Promise<void> {
  const task = new PeriodicTask({
    everyMs,
    run: () => sweepRemovals(dependencies, new Date(Date.now() - graceMs)),
    onError: (err) => dependencies.log.warn({ err }, "could not remove files of deleted messages"),
  });
  task.start();
  return () => task.stop();
}
