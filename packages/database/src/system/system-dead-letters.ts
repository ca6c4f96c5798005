import type { DeadLetter, Page } from "@syszap/contracts";
import type { Knex } from "knex";
import {
  discardLetter,
  findLetter,
  type LetterFilter,
  type LetterPage,
  listLetters,
  redriveLetter,
  redriveLetters,
} from "../repositories/dead-letters/dead-letter-repository.ts";
import type { NewDeadLetter } from "../repositories/dead-letters/dead-letter-row.ts";
import { addDeadLetter } from "../repositories/dead-letters/new-dead-letter.ts";
import { queryRows } from "../sql/query.ts";
import { toStorableText } from "../sql/storable-text.ts";

/** A letter whose job is to run again. */
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
  isPutBack: boolean;
}
/** Longer than any worker needs between a claim and the queue's answer. */
const claimSeconds = 30;
const everyone = {};

/** Every company's dead letters, and those that name none. */
export class SystemDeadLetters {
  constructor(private readonly db: Knex) {}

  /** False when this failure was written down before. */
  add(letter: NewDeadLetter): Promise<boolean> {
    return addDeadLetter(this.db, letter);
  }

  /** Which of these jobs rest here, or did. */
  async among(queue: string, jobIds: readonly string[]): Promise<ReadonlySet<string>> {
    const stored = new Map(jobIds.map((jobId) => [toStorableText(jobId), jobId]));
    const rows = await queryRows<{ job_id: string }>(
      this.db,
      "select distinct job_id from dead_letters where queue = :queue and job_id = any(:jobIds::text[])",
      { queue, jobIds: [...stored.keys()] },
    );
    return new Set(rows.map(({ job_id }) => stored.get(job_id) ?? job_id));
  }

  /** Newest first. */
  list({ before, limit, ...filter }: LetterPage & LetterFilter): Promise<Page<DeadLetter>> {
    return listLetters(this.db, filter, { before, limit });
  }

  find(id: string): Promise<DeadLetter | undefined> {
    return findLetter(this.db, everyone, id);
  }

  /** Asks for one more run; a worker puts the job back within about a second. Undefined unless it rests and can be run. */
  redrive(id: string): Promise<DeadLetter | undefined> {
    return redriveLetter(this.db, everyone, id);
  }

  /** The oldest first. */
  redriveAll(filter: Omit<LetterFilter, "state">, limit: number) {
    return redriveLetters(this.db, filter, limit);
  }

  /** For good. Undefined unless it rests. */
  discard(id: string, note: string): Promise<DeadLetter | undefined> {
    return discardLetter(this.db, everyone, { id, note });
  }

  /** Jobs to be put back by whoever asks, and by nobody else meanwhile: those of a worker that died come again later. */
  async claimRedriven(queue: string, limit = 500): Promise<RedrivenJob[]> {
    return queryRows(
      this.db,
      `update dead_letters set handed_at = clock_timestamp() where id in (
         select id from dead_letters where state = 'redriving' and queue = :queue
           and (handed_at is null or handed_at < clock_timestamp() - make_interval(secs => :seconds))
         order by handed_at nulls first limit :limit for update skip locked
       ) returning id, company_id as "companyId", job_name as "jobName", job_id as "jobId", payload,
         failed_at as "failedAt"`,
      { queue, limit, seconds: claimSeconds },
    );
  }

  /** Letters under way, those first whose jobs were not put back yet. */
  async redriving(queue: string, limit = 1_000): Promise<RedrivingLetter[]> {
    return queryRows(
      this.db,
      `select id, company_id as "companyId", job_id as "jobId", handed_at is not null as "isPutBack" from dead_letters
       where state = 'redriving' and queue = :queue order by handed_at nulls first limit :limit`,
      { queue, limit },
    );
  }

  /** Their jobs are done. One that failed meanwhile rests again, and stays so. */
  async solved(ids: readonly string[]): Promise<void> {
    await queryRows(
      this.db,
      `update dead_letters set state = 'solved', closed_at = clock_timestamp(), payload = null
       where id = any(:ids::uuid[]) and state = 'redriving'`,
      { ids: [...ids] },
    );
  }

  /** Forgets what was closed a month ago. */
  async deleteClosed(limit = 1_000): Promise<void> {
    await queryRows(
      this.db,
      `delete from dead_letters where id in (
         select id from dead_letters where closed_at < now() - interval '30 days' limit :limit for update skip locked)`,
      { limit },
    );
  }

  /** Of those that are not closed, by queue. */
  async open(): Promise<{ queue: string; state: DeadLetter["state"]; count: number; oldestAt: Date }[]> {
    return queryRows(
      this.db,
      `select queue, state, count(*)::int as count, min(created_at) as "oldestAt" from dead_letters
       where closed_at is null group by queue, state`,
    );
  }
}
