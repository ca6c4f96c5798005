import type { DeadLetter, DeadLetterFilter, Page } from "@syszap/contracts";
import type { Knex } from "knex";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { type DeadLetterRow, deadLetterColumns, deadLetterKey, toDeadLetter } from "./dead-letter-row.ts";

/** `companyId`: null are those that name none; absent: whoever's they are, as far as the role may see. */
export type LetterScope = { companyId?: string | null | undefined };
export type LetterFilter = DeadLetterFilter & LetterScope;
export type LetterPage = { before?: string | undefined; limit: number };

function conditionsOf(filter: LetterFilter): { sql: string; bindings: Record<string, string> } {
  const wanted: [sql: string, name: string, value: string | null | undefined][] = [
    ["state = :state", "state", filter.state],
    ["queue = :queue", "queue", filter.queue],
    ["job_name = :jobName", "jobName", filter.jobName],
    [filter.companyId === null ? "company_id is null" : "company_id = :companyId", "companyId", filter.companyId],
  ];
  const used = wanted.filter(([, , value]) => value !== undefined);
  const bound = used.flatMap(([, name, value]) => (value == null ? [] : [[name, toStorableText(value)]]));
  return { sql: used.map(([sql]) => `and ${sql}`).join(" "), bindings: Object.fromEntries(bound) };
}

/** Newest first. */
export async function listLetters(db: Knex, filter: LetterFilter, page: LetterPage): Promise<Page<DeadLetter>> {
  const before = fromPageKey(page.before, deadLetterKey);
  const { sql, bindings } = conditionsOf(filter);
  const rows = await queryRows<DeadLetterRow>(
    db,
    `select ${deadLetterColumns} from dead_letters where true ${sql}
       ${before ? "and (created_at, id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
     order by created_at desc, id desc limit :limit`,
    { ...bindings, limit: page.limit + 1, ...(before && { ms: before.value, id: before.id }) },
  );
  return toPage(rows, page.limit, {
    item: toDeadLetter,
    key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
  });
}

export async function findLetter(db: Knex, scope: LetterScope, id: string): Promise<DeadLetter | undefined> {
  const { sql, bindings } = conditionsOf(scope);
  const row = await queryRow<DeadLetterRow>(db, `select ${deadLetterColumns} from dead_letters where id = :id ${sql}`, {
    ...bindings,
    id,
  });
  return row && toDeadLetter(row);
}

/** BullMQ takes no number and no colon as the id of a new job. */
const reusableJobId = `case when job_id ~ '^(-|)[0-9]+$' or job_id like '%:%' then 'redriven|' || id else job_id end`;
const asked = `state = 'redriving', redriven_at = clock_timestamp(), handed_at = null, job_id = ${reusableJobId}`;

/** Asks for one more run; a worker puts the job back within about a second. Undefined unless it rests and can be run. */
export async function redriveLetter(db: Knex, scope: LetterScope, id: string): Promise<DeadLetter | undefined> {
  const { sql, bindings } = conditionsOf(scope);
  const row = await queryRow<DeadLetterRow>(
    db,
    `update dead_letters set ${asked}
     where id = :id and state = 'resting' and payload is not null ${sql} returning ${deadLetterColumns}`,
    { ...bindings, id },
  );
  return row && toDeadLetter(row);
}

/** As `redriveLetter`, the oldest first. `remaining` rest still: ask again for them. */
export async function redriveLetters(
  db: Knex,
  filter: Omit<LetterFilter, "state">,
  limit: number,
): Promise<{ redriven: number; remaining: number }> {
  const { sql, bindings } = conditionsOf(filter);
  const redrivable = `state = 'resting' and payload is not null ${sql}`;
  const rows = await queryRows(
    db,
    `update dead_letters set ${asked} where id in (
       select id from dead_letters where ${redrivable} order by created_at, id limit :limit for update skip locked
     ) returning id`,
    { ...bindings, limit },
  );
  const { remaining } = await queryOne<{ remaining: number }>(
    db,
    `select count(*)::int as remaining from dead_letters where ${redrivable}`,
    bindings,
  );
  return { redriven: rows.length, remaining };
}

/** For good: its payload is forgotten, the rest stays for a month. Undefined unless it rests. */
export async function discardLetter(
  db: Knex,
  scope: LetterScope,
  { id, note }: { id: string; note: string },
): Promise<DeadLetter | undefined> {
  const { sql, bindings } = conditionsOf(scope);
  const row = await queryRow<DeadLetterRow>(
    db,
    `update dead_letters set state = 'discarded', closed_at = clock_timestamp(), note = :note, payload = null
     where id = :id and state = 'resting' ${sql} returning ${deadLetterColumns}`,
    { ...bindings, id, note: toStorableText(note) },
  );
  return row && toDeadLetter(row);
}
