/** A job that could not be processed, with why. */
export interface DeadLetter {
  id: string;
  companyId: string | null;
  queue: string;
  jobName: string;
  jobId: string;
  reason: string;
  /** Names, types and sizes of the payload's fields: enough to find the fault, nothing of what people wrote. */
  payloadSummary: string;
  attempts: number;
  createdAt: string;
}
export interface NewDeadLetter extends Omit<DeadLetter, "id" | "createdAt"> {
  /** The job's payload as JSON text, for trying again; null when it never was a valid one. */
  payload: string | null;
  /** When the job failed for good: it tells two failures under one job id apart. */
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
  created_at: Date;
}
export const deadLetterColumns =
  "id, company_id, queue, job_name, job_id, reason, payload_summary, attempts, created_at";
/** Time in ms. */
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
  createdAt: row.created_at.toISOString(),
});
