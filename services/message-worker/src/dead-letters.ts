import { queues, summarizePayload } from "@syszap/contracts";
import type { Database, NewDeadLetter } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { removeFailedJob } from "@syszap/queues";
import type { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";

const batchSize = 100;
/** Ceiling in characters. A larger payload is from no job of this system; it is not kept, so its letter cannot be redriven. */
const maxPayloadLength = 1_000_000;

/**
 * Moves failed jobs from the queue to the dead letters, and frees their job ids. Reads the queue's own list of failed jobs, so that
 * no job is lost when a worker dies between failing it and storing it. Returns the number of new failures.
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
    log.error(
      { jobId: letter.jobId, companyId: letter.companyId, attempts: letter.attempts },
      "job failed for good and was moved to the dead letters",
    );
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
    payload: payload !== null && payload.length <= maxPayloadLength ? payload : null,
    attempts: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}

const NamesCompany = z.object({ companyId: z.guid() });
const companyOf = (payload: unknown) => NamesCompany.safeParse(payload).data?.companyId ?? null;
