import type { Knex } from "knex";
import { queryRow } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import type { NewDeadLetter } from "./dead-letter-row.ts";

const maxReasonLength = 2_000;

/**
 * One letter for each job: failing again, also after it was redriven, brings the same letter back with a grown count. False when
 * this failure was written down before.
 */
export async function addDeadLetter(db: Knex, letter: NewDeadLetter): Promise<boolean> {
  const row = await queryRow(
    db,
    `insert into dead_letters as d
       (company_id, queue, job_name, job_id, reason, payload_summary, payload, attempts, failed_at)
     values (:companyId, :queue, :jobName, :jobId, :reason, :payloadSummary, :payload, :attempts, :failedAt)
     on conflict on constraint dead_letters_of_job do update set
       job_name = excluded.job_name, reason = excluded.reason, payload_summary = excluded.payload_summary,
       payload = excluded.payload, attempts = excluded.attempts, failed_at = excluded.failed_at,
       state = 'resting', failures = d.failures + 1, redriven_at = null, handed_at = null, closed_at = null, note = null
     where excluded.failed_at > d.failed_at
     returning id`,
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
