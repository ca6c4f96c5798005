import { queues, summarizePayload } from "@syszap/contracts";
import type { SystemRepositories } from "@syszap/database";
import { jobIdOf } from "@syszap/queues";
import type { InboundJob } from "./jobs.ts";

/** Stores a job that matches no schema as a dead letter, so that an operator can see and redrive it. */
export async function refuseJob(
  deadLetters: SystemRepositories["deadLetters"],
  job: InboundJob,
  reason: string,
): Promise<void> {
  await deadLetters.add({
    companyId: job.data.companyId,
    queue: queues.inboundMessages,
    jobName: job.name,
    jobId: jobIdOf(job.name, job.data),
    reason,
    payloadSummary: summarizePayload(job.data),
    payload: JSON.stringify(job.data),
    attempts: 0,
    failedAt: new Date(),
  });
}
