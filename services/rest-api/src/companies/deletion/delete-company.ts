import type { DeletionProgress } from "@syszap/contracts";
import type { ClaimedDeletion, Database } from "@syszap/database";
import { removeCompanyKeys } from "@syszap/event-bus";
import type { MediaStore, PrivateStore } from "@syszap/media-store";
import type { RedisClient } from "@syszap/platform";
import type { Queue } from "bullmq";
import { removeCompanyJobs } from "./remove-company-jobs.ts";

export interface DeletionDependencies {
  database: Database;
  media: MediaStore;
  /** Archives of browser profiles. */
  profiles: PrivateStore;
  redis: RedisClient;
  queue: Queue;
  /** How long connectors have to stop the company's sessions and to wipe the profiles on their disks. */
  profileWaitMs: number;
}

/** `waiting`: connectors are not finished. `interrupted`: the process stops. Both continue with the next claim. */
export type DeletionOutcome = "finished" | "waiting" | "interrupted";

/** A claim ends after this time without a report, so another process continues the work of one that was killed. */
export const claimMs = 60_000;
const retryWaitingMs = 5_000;
const rowsPerBatch = 1_000;
const filesPerBatch = 200;
const jobsPerPage = 500;

/**
 * Removes everything of a company, step by step in bounded batches. Each step finds what is left of it by itself, so a repetition
 * after a kill continues where the work ended.
 */
export async function deleteCompany(
  dependencies: DeletionDependencies,
  claim: ClaimedDeletion,
  signal: AbortSignal,
): Promise<DeletionOutcome> {
  const { database, media, profiles, redis, queue } = dependencies;
  const { companyId } = claim;
  const { companyDeletions } = database.system;
  const tables = await companyDeletions.steps();
  const sessionIds = await removeSessions(database, companyId);

  const steps: { name: string; removeBatch: () => Promise<number> }[] = [
    { name: "jobs", removeBatch: () => removeCompanyJobs(queue, companyId, jobsPerPage) },
    { name: "files", removeBatch: () => media.removeOfCompany(companyId, filesPerBatch) },
    { name: "profiles", removeBatch: () => profiles.removeBelow(`profiles/${companyId}`, filesPerBatch) },
    ...tables.map((step) => ({
      name: step.table,
      removeBatch: () => companyDeletions.run(companyId, step, rowsPerBatch),
    })),
  ];
  const progress: DeletionProgress = { step: "sessions", done: 0, total: steps.length + 2, removed: claim.removed };
  const report = () => companyDeletions.report(companyId, progress, claimMs);

  await report();
  if (await mustWait(dependencies, claim)) {
    await companyDeletions.report(companyId, progress, retryWaitingMs);
    return "waiting";
  }
  for (const { name, removeBatch } of steps) {
    progress.step = name;
    progress.done += 1;
    for (let removed = -1; removed !== 0; ) {
      await report();
      if (signal.aborted) {
        await companyDeletions.release(companyId);
        return "interrupted";
      }
      removed = await removeBatch();
      progress.removed += removed;
    }
  }
  Object.assign(progress, { step: "logs", done: progress.done + 1 });
  await report();
  await removeCompanyKeys(redis, companyId, sessionIds);
  await companyDeletions.finish(companyId);
  return "finished";
}

/** Marks all sessions as removed, so that connectors wipe their profiles. Returns the ids of all that ever existed. */
async function removeSessions(database: Database, companyId: string): Promise<string[]> {
  return database.withCompany(companyId, async ({ sessions }) => {
    const ids = await sessions.allIds();
    for (const id of ids) await sessions.remove(id);
    return ids;
  });
}

async function mustWait({ database, profileWaitMs }: DeletionDependencies, { companyId, startedAt }: ClaimedDeletion) {
  // A backup includes the files of companies whose deletion had not begun when it was started.
  if (await database.system.fileRemovals.areHeld()) return true;
  if (Date.now() - startedAt.getTime() >= profileWaitMs) return false;
  return (await database.system.companyDeletions.unfinishedSessions(companyId)) > 0;
}
