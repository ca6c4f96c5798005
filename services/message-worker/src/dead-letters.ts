import { queues, summarizePayload } from "@syszap/contracts";
import type { Database, NewDeadLetter } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { removeFailedJob } from "@syszap/queues";
import type { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";

const batchSize = 100;
/** In characters. What is larger never was a job of ours: it can be read about, and not be run again. */
const longestPayload = 1_000_000;

/**
 * Moves what failed for good from the queue to the dead-letter list, then gives its job id free. Reads the queue's own list of
 * failed jobs, so that nothing is forgotten when a worker dies between failing a job and writing it down.
 */
export async function moveFailedJobs(queue: Queue, redis: Redis, db: Database, log: Logger): Promise<number> {
  const jobs: (Job | undefined)[] = await queue.getFailed(0, batchSize - 1);
  let moved = 0;
  for (const job of jobs) {
    if (!job) continue;
    const letter = letterOf(job);
    const isNew = await db.system.deadLetters.add(letter);
    await removeFailedJob(queue, redis, letter);
    if (!isNew) continue;
    moved++;
    log.error({ jobId: letter.jobId, companyId: letter.companyId, attempts: letter.attempts }, "job given up");
  }
  return moved;
}

function letterOf(job: Job): NewDeadLetter {
  const payload = JSON.stringify(job.data) ?? null;
  return {
    companyId: companyOf(job.data),
    queue: queues.inboundMessages,
    jobName: job.name,
    jobId: job.id ?? "",
    reason: job.failedReason || "unknown",
    payloadSummary: summarizePayload(job.data),
    payload: payload !== null && payload.length <= longestPayload ? payload : null,
    attempts: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}

const NamesCompany = z.object({ companyId: z.guid() });
const companyOf = (payload: unknown) => NamesCompany.safeParse(payload).data?.companyId ?? null;
