import type { DeadLetter } from "@syszap/contracts";
import type { Knex } from "knex";
import { DeadLetterRepository } from "../repositories/dead-letters/dead-letter-repository.ts";
import { queryRows } from "../sql/query.ts";
import { toStorableText } from "../sql/storable-text.ts";

/** A letter whose job must be queued again. */
export interface RedrivenJob {
  id: string;
  companyId: string | null;
  jobName: string;
  jobId: string;
  payload: string;
  failedAt: Date;
}
export interface RedrivingLetter {
  id: string;
  companyId: string | null;
  jobId: string;
  /** Whether the job was queued again. */
  isRequeued: boolean;
}
/** Longer than a worker needs between a claim and the reply of the queue. */
const claimSeconds = 30;

/** The dead letters of all companies, and those that name none. */
export class SystemDeadLetters extends DeadLetterRepository {
  constructor(db: Knex) {
    super(db, {});
  }

  /** Returns those of the job ids that have a letter in any state. */
  async storedJobIds(queue: string, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const stored = new Map(jobIds.map((jobId) => [toStorableText(jobId), jobId]));
    const rows = await queryRows<{ job_id: string }>(
      this.db,
      "select distinct job_id from dead_letters where queue = :queue and job_id = any(:jobIds::text[])",
      { queue, jobIds: [...stored.keys()] },
    );
    return new Set(rows.map(({ job_id }) => stored.get(job_id) ?? job_id));
  }

  /** Claims redriven jobs for the caller, who must queue them. A claim expires, so that the jobs of a worker that died are claimed again. */
  async claimRedriven(queue: string, limit = 500): Promise<RedrivenJob[]> {
    return queryRows(
      this.db,
      `update dead_letters set handed_at = clock_timestamp() where id in (
         select id from dead_letters where state = 'redriving' and queue = :queue
           and (handed_at is null or handed_at < statement_timestamp() - make_interval(secs => :seconds))
         order by handed_at nulls first limit :limit for update skip locked
       ) returning id, company_id as "companyId", job_name as "jobName", job_id as "jobId", payload,
         failed_at as "failedAt"`,
      { queue, limit, seconds: claimSeconds },
    );
  }

  /** Redriven letters that are not closed; those whose jobs are not queued again yet come first. */
  async listRedriving(queue: string, limit = 1_000): Promise<RedrivingLetter[]> {
    return queryRows(
      this.db,
      `select id, company_id as "companyId", job_id as "jobId", handed_at is not null as "isRequeued" from dead_letters
       where state = 'redriving' and queue = :queue order by handed_at nulls first limit :limit`,
      { queue, limit },
    );
  }

  /** Closes letters whose jobs are done. A letter whose job failed again in between stays open. */
  async markSolved(ids: readonly string[]): Promise<void> {
    await queryRows(
      this.db,
      `update dead_letters set state = 'solved', closed_at = clock_timestamp(), payload = null
       where id = any(:ids::uuid[]) and state = 'redriving'`,
      { ids: [...ids] },
    );
  }

  /** Deletes letters that were closed a month ago. */
  async deleteClosed(limit = 1_000): Promise<void> {
    await queryRows(
      this.db,
      `delete from dead_letters where id in (
         select id from dead_letters where closed_at < now() - interval '30 days' limit :limit for update skip locked)`,
      { limit },
    );
  }

  /** Counts open letters by queue and state. */
  async countOpen(): Promise<{ queue: string; state: DeadLetter["state"]; count: number; oldestAt: Date }[]> {
    return queryRows(
      this.db,
      `select queue, state, count(*)::int as count, min(created_at) as "oldestAt" from dead_letters
       where closed_at is null group by queue, state`,
    );
  }
}
