import type { Page } from "@syszap/contracts";
import type { Knex } from "knex";
import {
  type DeadLetter,
  type DeadLetterRow,
  deadLetterColumns,
  deadLetterKey,
  type NewDeadLetter,
  toDeadLetter,
} from "../rows/dead-letters.ts";
import { addDeadLetter } from "../rows/new-dead-letter.ts";
import { fromPageKey, toPage } from "../rows/page-key.ts";
import { queryRows } from "../rows/query.ts";
import { toStorableText } from "../rows/storable-text.ts";

/** Every company's dead letters, and those that name none. */
export class SystemDeadLetters {
  constructor(private readonly db: Knex) {}

  /** False when this failure was written down before. */
  add(letter: NewDeadLetter): Promise<boolean> {
    return addDeadLetter(this.db, letter);
  }

  /** Which of these jobs rest here. */
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
  async list(page: { before?: string | undefined; limit: number }): Promise<Page<DeadLetter>> {
    const before = fromPageKey(page.before, deadLetterKey);
    const rows = await queryRows<DeadLetterRow>(
      this.db,
      `select ${deadLetterColumns} from dead_letters
         ${before ? "where (created_at, id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
       order by created_at desc, id desc limit :limit`,
      { limit: page.limit + 1, ...(before && { ms: before.value, id: before.id }) },
    );
    return toPage(rows, page.limit, {
      item: toDeadLetter,
      key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
    });
  }
}
