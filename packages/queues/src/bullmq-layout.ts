import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/**
 * The only module that reads or writes BullMQ's private Redis keys. BullMQ has no public method for these operations. The module
 * relies on this layout, which `bullmq-layout.test.ts` checks against the pinned version:
 * - `<prefix>:<queue>:<jobId>` is a hash while BullMQ keeps the job, and `<that key>:logs` is its log.
 * - `<prefix>:<queue>:completed` and `…:failed` are sorted sets of job ids, scored by the job's `finishedOn` in milliseconds.
 */
const completedSet = "completed";
const failedSet = "failed";

/** `done`: completed. `underWay`: waiting, active, delayed or failed. `gone`: the queue does not have the job. */
export type JobFate = "done" | "underWay" | "gone";

/** Reads the state of several jobs in one round trip. The result has the order of `jobIds`. Rejects while Redis is unavailable. */
export async function readJobFates(queue: Queue, redis: Redis, jobIds: readonly string[]): Promise<JobFate[]> {
  if (jobIds.length === 0) return [];
  const pipeline = redis.pipeline();
  pipeline.zmscore(queue.toKey(completedSet), ...jobIds);
  for (const jobId of jobIds) pipeline.exists(queue.toKey(jobId));
  const [completed, ...existing] = (await pipeline.exec()) ?? [];
  const error = [completed, ...existing].find((reply) => reply?.[0])?.[0];
  if (error) throw error;
  const completedAt = completed?.[1] as (string | null)[];
  return jobIds.map((_, index) => {
    if (completedAt[index] !== null) return "done";
    return existing[index]?.[1] === 1 ? "underWay" : "gone";
  });
}

/** Compares the score first: the id may belong to a newer job when a slow worker gets here. */
const removeFailedScript = `
  local score = redis.call("ZSCORE", KEYS[1], ARGV[1])
  if not score or tonumber(score) ~= tonumber(ARGV[2]) then return 0 end
  redis.call("ZREM", KEYS[1], ARGV[1])
  redis.call("DEL", KEYS[2], KEYS[2] .. ":logs")
  return 1`;

/** Removes a job that failed at `failedAt`. A newer job with the same id, or a newer failure of it, stays. */
export async function removeFailedJob(
  queue: Queue,
  redis: Redis,
  { jobId, failedAt }: { jobId: string; failedAt: Date },
): Promise<void> {
  const keys = [queue.toKey(failedSet), queue.toKey(jobId)];
  await redis.eval(removeFailedScript, keys.length, ...keys, jobId, failedAt.getTime());
}
