import type { DeadLetter, DeadLetterFilter, Page } from "@syszap/contracts";
import type { Knex } from "knex";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import {
  type DeadLetterRow,
  deadLetterColumns,
  deadLetterKey,
  type NewDeadLetter,
  toDeadLetter,
} from "./dead-letter-row.ts";

/** `companyId` null selects letters that name no company. Absent: letters of every company that the database role may see. */
export type LetterScope = { companyId?: string | null | undefined };
export type LetterFilter = DeadLetterFilter & LetterScope;
type LetterPage = { before?: string | undefined; limit: number };

const maxReasonLength = 2_000;

/** BullMQ accepts no number and no colon as the id of a new job. */
const reusableJobId = `case when job_id ~ '^(-|)[0-9]+$' or job_id like '%:%' then 'redriven|' || id else job_id end`;
const redriving = `state = 'redriving', redriven_at = clock_timestamp(), handed_at = null, job_id = ${reusableJobId}`;

/** Jobs and messages that were given up, with what users and operators can do about them. */
export class DeadLetterRepository {
  constructor(
    protected readonly db: Knex,
    private readonly letterScope: LetterScope,
  ) {}

  /**
   * Stores one letter for each job. When the job fails again, also after it was redriven, the same letter returns to `resting` and
   * its failures are counted. False when this failure is stored already.
   */
  async add(letter: NewDeadLetter): Promise<boolean> {
    const row = await queryRow(
      this.db,
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

  /** Newest first. */
  async list({ before, limit, ...filter }: LetterPage & LetterFilter): Promise<Page<DeadLetter>> {
    const key = fromPageKey(before, deadLetterKey);
    const { sql, bindings } = this.conditions(filter);
    const rows = await queryRows<DeadLetterRow>(
      this.db,
      `select ${deadLetterColumns} from dead_letters where true ${sql}
         ${key ? "and (created_at, id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
       order by created_at desc, id desc limit :limit`,
      { ...bindings, limit: limit + 1, ...(key && { ms: key.value, id: key.id }) },
    );
    return toPage(rows, limit, {
      item: toDeadLetter,
      key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
    });
  }

  async find(id: string): Promise<DeadLetter | undefined> {
    const { sql, bindings } = this.conditions();
    const row = await queryRow<DeadLetterRow>(
      this.db,
      `select ${deadLetterColumns} from dead_letters where id = :id ${sql}`,
      { ...bindings, id },
    );
    return row && toDeadLetter(row);
  }

  /** Requests one more run; a worker queues the job again within about a second. Undefined unless the letter rests and has a payload. */
  async redrive(id: string): Promise<DeadLetter | undefined> {
    const { sql, bindings } = this.conditions();
    const row = await queryRow<DeadLetterRow>(
      this.db,
      `update dead_letters set ${redriving}
       where id = :id and state = 'resting' and payload is not null ${sql} returning ${deadLetterColumns}`,
      { ...bindings, id },
    );
    return row && toDeadLetter(row);
  }

  /** Redrives at most `limit` letters, oldest first. `remaining` counts the letters that still rest; call again for them. */
  async redriveAll(
    filter: Omit<LetterFilter, "state">,
    limit: number,
  ): Promise<{ redriven: number; remaining: number }> {
    const { sql, bindings } = this.conditions(filter);
    const redrivable = `state = 'resting' and payload is not null ${sql}`;
    const rows = await queryRows(
      this.db,
      `update dead_letters set ${redriving} where id in (
         select id from dead_letters where ${redrivable} order by created_at, id limit :limit for update skip locked
       ) returning id`,
      { ...bindings, limit },
    );
    const { remaining } = await queryOne<{ remaining: number }>(
      this.db,
      `select count(*)::int as remaining from dead_letters where ${redrivable}`,
      bindings,
    );
    return { redriven: rows.length, remaining };
  }

  /** Closes a letter for good. Its payload is deleted; the rest is kept for a month. Undefined unless the letter rests. */
  async discard(id: string, note: string): Promise<DeadLetter | undefined> {
    const { sql, bindings } = this.conditions();
    const row = await queryRow<DeadLetterRow>(
      this.db,
      `update dead_letters set state = 'discarded', closed_at = clock_timestamp(), note = :note, payload = null
       where id = :id and state = 'resting' ${sql} returning ${deadLetterColumns}`,
      { ...bindings, id, note: toStorableText(note) },
    );
    return row && toDeadLetter(row);
  }

  private conditions(filter: LetterFilter = {}): { sql: string; bindings: Record<string, string> } {
    const { state, queue, jobName, companyId } = { ...filter, ...this.letterScope };
    const wanted: [sql: string, name: string, value: string | null | undefined][] = [
      ["state = :state", "state", state],
      ["queue = :queue", "queue", queue],
      ["job_name = :jobName", "jobName", jobName],
      [companyId === null ? "company_id is null" : "company_id = :companyId", "companyId", companyId],
    ];
    const used = wanted.filter(([, , value]) => value !== undefined);
    const bound = used.flatMap(([, name, value]) => (value == null ? [] : [[name, toStorableText(value)]]));
    return { sql: used.map(([sql]) => `and ${sql}`).join(" "), bindings: Object.fromEntries(bound) };
  }
}
