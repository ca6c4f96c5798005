import type { AckJob } from "@syszap/contracts";
import type { Change, CompanyUnit } from "@syszap/database";

/** Advances the status of a sent message. */
export async function applyAck({ messageChanges, emit }: CompanyUnit, job: AckJob): Promise<Change> {
  const message = await messageChanges.advanceStatus(job, job.status, { atMs: job.timestampMs, reason: job.reason });
  if (message && message !== "absent") emit.messageStatus(message);
  return message;
}
