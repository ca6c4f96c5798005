import type { Knex } from "knex";
import { expect, onTestFinished } from "vitest";
import { EventLogRepository } from "../src/repositories/consumers/event-log-repository.ts";
import { PreparedStatements } from "../src/sql/prepared-statements.ts";
import { Scope } from "../src/sql/query.ts";
import { openInbox, openKnex, test } from "./fixtures.ts";

const events = 3_000;
const limit = 300;
/** Rows of the log that this session has read. Postgres adds them to its statistics later, so only differences count. */
async function tuplesRead(trx: Knex.Transaction): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ count: number }] }>(
    `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int as count from pg_stat_xact_user_tables
     where relname like 'event_log_2%'`,
  );
  return rows[0].count;
}

test("a page reads only its own events, before and after the statement has a generic plan", async ({
  db,
  owner,
  database,
}) => {
  const { companyId } = await openInbox(db);
  await owner("event_log_heads").insert({ company_id: companyId, position: events, epoch: 1, seq: events });
  await owner("consumers").insert({ company_id: companyId, name: "erp", position: 0 });
  await owner.raw(
    `insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
     select :companyId, n, 1, n, gen_random_uuid(), 'new_message', length(body), body, now()
     from generate_series(1, :events::int) n, lateral (select '"id":' || n || '}' as body) b`,
    { companyId, events },
  );
  await owner.raw("analyze event_log");
  const app = openKnex(database.appUrl);
  onTestFinished(() => app.destroy());
  const read = (position: number) =>
    app.transaction(async (trx) => {
      const prepared = await PreparedStatements.of(trx, companyId);
      prepared.send("select set_config('app.company_id', :companyId, true)");
      const before = await tuplesRead(trx);
      const page = await new EventLogRepository(new Scope(trx, companyId, prepared)).read("erp", { limit });
      if (!page) throw new Error("the consumer was not found");
      expect(page).toMatchObject({ after: position, upTo: position + limit, count: limit, isComplete: true });
      return { page, tuples: (await tuplesRead(trx)) - before };
    });

  for (let position = 0; position < events; position += limit) {
    const { page, tuples } = await read(position);
    const parsed = JSON.parse(page.json) as { position: number; cursor: string; id: number }[];
    expect(parsed).toEqual(
      Array.from({ length: limit }, (_, index) => {
        const next = position + index + 1;
        return { position: next, cursor: `${page.logId}.${next}`, id: next };
      }),
    );
    // The page, and a few rows to find its ends. A scan of the log would read all 3,000.
    expect(tuples).toBeLessThan(2 * limit);
    await owner("consumers").where({ company_id: companyId }).update({ position: page.upTo });
  }
});
