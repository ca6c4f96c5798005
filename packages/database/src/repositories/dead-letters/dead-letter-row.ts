import type { DeadLetter } from "@syszap/contracts";

export interface NewDeadLetter {
  companyId: string | null;
  queue: string;
  jobName: string;
  jobId: string;
  reason: string;
  /** Names, types and sizes of the payload's fields: enough to find the fault, without any text that users wrote. */
  payloadSummary: string;
  /** The job's payload as JSON, for another run; null when it cannot be kept. */
  payload: string | null;
  attempts: number;
  /** When the job failed for good. Distinguishes two failures with the same job id. */
  failedAt: Date;
}

export interface DeadLetterRow {
  id: string;
  company_id: string | null;
  queue: string;
  job_name: string;
  job_id: string;
  reason: string;
  payload_summary: string;
  attempts: number;
  failures: number;
  state: DeadLetter["state"];
  has_payload: boolean;
  note: string | null;
  failed_at: Date;
  redriven_at: Date | null;
  closed_at: Date | null;
  created_at: Date;
}
export const deadLetterColumns = `id, company_id, queue, job_name, job_id, reason, payload_summary, attempts, failures, state,
  payload is not null as has_payload, note, failed_at, redriven_at, closed_at, created_at`;
/** Page key: `created_at` in ms. */
export const deadLetterKey = /^\d{1,15}$/;

export const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
  id: row.id,
  companyId: row.company_id,
  queue: row.queue,
  jobName: row.job_name,
  jobId: row.job_id,
  reason: row.reason,
  payloadSummary: row.payload_summary,
  attempts: row.attempts,
  failures: row.failures,
  state: row.state,
  mayRedrive: row.state === "resting" && row.has_payload,
  note: row.note,
  failedAt: row.failed_at.toISOString(),
  redrivenAt: row.redriven_at?.toISOString() ?? null,
  closedAt: row.closed_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
});
