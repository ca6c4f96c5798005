import type { Knex } from "knex";
import { expect, onTestFinished } from "vitest";
import { EventLogRepository } from "../src/repositories/consumers/event-log-repository.ts";
import { PreparedStatements } from "../src/sql/prepared-statements.ts";
import { Scope } from "../src/sql/query.ts";
import { openInbox, openKnex, test, tuplesRead } from "./fixtures.ts";

interface Event {
  position: number;
  cursor: string;
  id: number;
}
const events = 3_000;
const limit = 300;
const partitions = "event_log_2%";

/** Fills the log of a company with events whose `id` is their position. Their type is the first of `types` if its turn comes, in order. */
async function fill(
  owner: Knex,
  companyId: string,
  { count, types, size }: { count: number; types: string[]; size: number },
) {
  await owner("event_log_heads").insert({ company_id: companyId, position: count, epoch: 1, seq: count });
  await owner.raw(
    `insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
     select :companyId, n, 1, n, gen_random_uuid(), (:types::text[])[n % cardinality(:types::text[]) + 1], length(body), body, now()
     from generate_series(1, :count::int) n, lateral (
       select '"id":' || n || ',"text":"' || repeat('x', :size::int) || '"}' as body) b`,
    { companyId, count, types, size },
  );
  await owner.raw("analyze event_log");
}

test("a page reads only its own events, before and after the statement has a generic plan", async ({
  db,
  owner,
  database,
}) => {
  const { companyId } = await openInbox(db);
  await owner("consumers").insert({ company_id: companyId, name: "erp", position: 0 });
  await fill(owner, companyId, { count: events, types: ["new_message"], size: 1 });
  const app = openKnex(database.appUrl);
  onTestFinished(() => app.destroy());
  const read = (position: number) =>
    app.transaction(async (trx) => {
      const prepared = await PreparedStatements.of(trx, companyId);
      prepared.send("select set_config('app.company_id', :companyId, true)");
      const before = await tuplesRead(trx, partitions);
      const page = await new EventLogRepository(new Scope(trx, companyId, prepared)).read("erp", { limit });
      if (!page) throw new Error("the consumer was not found");
      expect(page).toMatchObject({ after: position, upTo: position + limit, count: limit, isComplete: true });
      return { page, tuples: (await tuplesRead(trx, partitions)) - before };
    });

  for (let position = 0; position < events; position += limit) {
    const { page, tuples } = await read(position);
    const parsed = JSON.parse(page.json) as Event[];
    expect(parsed).toEqual(
      Array.from({ length: limit }, (_, index) => {
        const next = position + index + 1;
        return { position: next, cursor: `${page.logId}.${next}`, id: next, text: "x" };
      }),
    );
    // The page, and a few rows to find its ends. A scan of the log would read all 3,000.
    expect(tuples).toBeLessThan(2 * limit);
    await owner("consumers").where({ company_id: companyId }).update({ position: page.upTo });
  }
});

test("pages of one type contain each event once and in order, whatever the limit", async ({ db, owner }) => {
  const { companyId } = await openInbox(db);
  const count = 1_500;
  await owner("consumers").insert({ company_id: companyId, name: "erp", position: 0, types: ["new_client"] });
  await fill(owner, companyId, { count, types: ["new_message", "new_client", "new_message"], size: 1 });
  for (const limit of [7, 128, 129, 700]) {
    const received: number[] = [];
    for (let after = 0; after < count; ) {
      const page = await db.withCompany(companyId, ({ eventLog }) => eventLog.read("erp", { limit, after }));
      if (!page) throw new Error("the consumer was not found");
      const parsed = JSON.parse(page.json) as Event[];
      expect(page).toMatchObject({ after, count: parsed.length, isComplete: true, head: count });
      expect(parsed.length).toBeLessThanOrEqual(limit);
      expect(page.upTo).toBeGreaterThan(after);
      received.push(...parsed.map(({ id }) => id));
      after = page.upTo;
    }
    expect(received).toEqual(Array.from({ length: count / 3 }, (_, index) => 3 * index + 1));
  }
});

test("a page of large events ends after 4 MiB and the rest of a part", async ({ db, owner }) => {
  const { companyId } = await openInbox(db);
  await owner("consumers").insert({ company_id: companyId, name: "erp", position: 0 });
  await fill(owner, companyId, { count: 500, types: ["new_message"], size: 20_000 });
  const page = await db.withCompany(companyId, ({ eventLog }) => eventLog.read("erp", { limit: 500, after: 0 }));
  // 4 MiB are 209.7 events.
  expect(page).toMatchObject({ count: 256, upTo: 256, head: 500 });
});
