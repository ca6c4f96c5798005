import type { Knex } from "knex";
import type { NewDeadLetter } from "./dead-letters.ts";
import { queryRow } from "./query.ts";
import { toStorableText } from "./storable-text.ts";

const maxReasonLength = 2_000;

/** False when this failure was written down before. */
export async function addDeadLetter(db: Knex, letter: NewDeadLetter): Promise<boolean> {
  const row = await queryRow(
    db,
    `insert into dead_letters (company_id, queue, job_name, job_id, reason, payload_summary, payload, attempts, failed_at)
     values (:companyId, :queue, :jobName, :jobId, :reason, :payloadSummary, :payload, :attempts, :failedAt)
     on conflict (queue, job_id, failed_at) do nothing returning id`,
    {
      ...letter,
      jobName: toStorableText(letter.jobName),
      jobId: toStorableText(letter.jobId),
      reason: toStorableText(letter.reason.slice(0, maxReasonLength)),
      payloadSummary: toStorableText(letter.payloadSummary),
    },
  );
  return row !== undefined;
}
