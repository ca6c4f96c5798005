import { isJobName, jobSchemas, queues } from "@syszap/contracts";
import type { Database, NewDeadLetter } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Job, Queue } from "bullmq";
import { z } from "zod";
import { summarize } from "./payload-summary.ts";

const batchSize = 100;

/**
 * Moves what failed for good from the queue to the dead-letter list, then gives its job id free. Reads the queue's own list of
 * failed jobs, so that nothing is forgotten when a worker dies between failing a job and writing it down.
 */
export async function moveFailedJobs(queue: Queue, db: Database, log: Logger): Promise<number> {
  const jobs: (Job | undefined)[] = await queue.getFailed(0, batchSize - 1);
  let moved = 0;
  for (const job of jobs) {
    if (!job) continue;
    const letter = letterOf(job);
    const isNew = await db.system.deadLetters.add(letter);
    await job.remove();
    if (!isNew) continue;
    moved++;
    log.error({ jobId: letter.jobId, companyId: letter.companyId, attempts: letter.attempts }, "job given up");
  }
  return moved;
}

function letterOf(job: Job): NewDeadLetter {
  const isValid = isJobName(job.name) && jobSchemas[job.name].safeParse(job.data).success;
  return {
    companyId: companyOf(job.data),
    queue: queues.inboundMessages,
    jobName: job.name,
    jobId: job.id ?? "",
    reason: job.failedReason || "unknown",
    payloadSummary: summarize(job.data),
    payload: isValid ? JSON.stringify(job.data) : null,
    attempts: job.attemptsMade,
    failedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}

const NamesCompany = z.object({ companyId: z.guid() });
const companyOf = (payload: unknown) => NamesCompany.safeParse(payload).data?.companyId ?? null;
