import type { AckJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { present } from "./present.ts";

/** Moves a message of ours forward: the ticks. */
export function processAck(db: Database, job: AckJob): Promise<void> {
  return db.withCompany(job.companyId, async ({ messages, emit }) => {
    const more = { atMs: job.timestampMs, reason: job.reason };
    const message = present(await messages.advanceStatus(job, job.status, more));
    if (message) emit.messageStatus(message);
  });
}
