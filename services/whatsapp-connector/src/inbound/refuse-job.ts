import { jobIdOf, queues } from "@syszap/contracts";
import type { SystemRepositories } from "@syszap/database";
import type { InboundJob } from "./jobs.ts";

/** Keeps what no worker could take where an operator sees it, so that it is not lost with a log line. */
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
    payloadSummary: Object.entries(job.data)
      .map(([name, value]) => `${name}: ${typeof value === "string" ? `${value.length} characters` : typeof value}`)
      .join(", "),
    payload: JSON.stringify(job.data),
    attempts: 0,
    failedAt: new Date(),
  });
}
