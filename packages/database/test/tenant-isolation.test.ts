import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { expect } from "vitest";
import { newMessage, openInbox, openKnex, test } from "./fixtures.ts";
import { fill, tenantTables } from "./tenant-tables.ts";

/** Number of rows that a statement affected; 0 when permission was denied. */
async function reached(trx: Knex.Transaction, sql: string, bindings: string[]): Promise<number> {
  await trx.raw("savepoint attempt");
  try {
    const { rowCount } = await trx.raw(sql, bindings);
    return rowCount ?? 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "42501") return 0;
    throw error;
  } finally {
    await trx.raw("rollback to savepoint attempt");
  }
}

test("every table has forced row security, and company_id first in its key and indexes", async ({ owner }) => {
  const { rows } = await owner.raw(`
    select relname, relrowsecurity, relforcerowsecurity from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname not like 'knex%'`);
  for (const table of rows) expect(table).toMatchObject({ relrowsecurity: true, relforcerowsecurity: true });

  const tables = await tenantTables(owner);
  expect(tables.filter(({ companyColumn }) => companyColumn === null)).toEqual([]);
  const indexes = await owner.raw(`
    select c.relname as index, a.attname as first from pg_index i
    join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where t.relnamespace = 'public'::regnamespace and t.relname not like 'knex%'`);
  const others = indexes.rows.filter(({ first }: { first: string }) => first !== "company_id");
  // Indexes for lookups without a known company, or across companies.
  expect(others.map(({ index }: { index: string }) => index).sort()).toEqual([
    "account_links_due",
    "account_links_expiry",
    "account_links_hash_key",
    "api_keys_hash_key",
    "audit_log_age",
    "companies_deletion_due",
    "companies_newest_first",
    "companies_pkey",
    "companies_suspended",
    "connectors_pkey",
    "dead_letters_closed",
    "dead_letters_newest_first",
    "dead_letters_of_job",
    "dead_letters_pkey",
    "dead_letters_redriving",
    "media_downloads_due",
    "media_removals_age",
    "media_uploads_age",
    "messages_expiring",
    "operator_logins_of_operator",
    "operator_logins_pkey",
    "operator_logins_token_hash_key",
    "operator_second_factors_pkey",
    "operators_email_key",
    "operators_pkey",
    "outbox_published",
    "outbox_unpublished",
    "pending_facts_age",
    "push_deliveries_due",
    "push_notices_in_order",
    "push_subscriptions_endpoint",
    "refresh_tokens_expiry",
    "refresh_tokens_hash_key",
    "revocations_by_age",
    "session_leases_expiry",
    "session_leases_session_key",
    "users_email_key",
    "whatsapp_sessions_by_number",
  ]);
});

for (const scope of ["under a foreign company", "without a company"] as const) {
  test(`the app role cannot access rows of a company ${scope}`, async ({ db, owner, database }) => {
    const inbox = await openInbox(db);
    await fill(db, owner, inbox);
    const stranger = await db.system.companies.create({ name: "Globex" });
    const app = openKnex(database.appUrl);
    try {
      for (const { name, companyColumn } of await tenantTables(owner)) {
        await app.transaction(async (trx) => {
          if (scope === "under a foreign company")
            await trx.raw("select set_config('app.company_id', ?, true)", [stranger.id]);
          const bindings = [name, companyColumn, inbox.companyId];
          expect(await reached(trx, "select 1 from ?? where ?? = ?", bindings), `select ${name}`).toBe(0);
          expect(await reached(trx, "delete from ?? where ?? = ?", bindings), `delete ${name}`).toBe(0);
          const set = [name, companyColumn, companyColumn, companyColumn, inbox.companyId];
          expect(await reached(trx, "update ?? set ?? = ?? where ?? = ?", set), `update ${name}`).toBe(0);
        });
      }
    } finally {
      await app.destroy();
    }
  });
}

test("the system role sees only the tables for work across companies, and only queued and expiring messages", async ({
  db,
  owner,
  database,
}) => {
  const inbox = await openInbox(db);
  await fill(db, owner, inbox);
  const system = openKnex(database.systemUrl);
  try {
    const seen: string[] = [];
    for (const { name, companyColumn } of await tenantTables(owner)) {
      const count = await system.transaction((trx) =>
        reached(trx, "select 1 from ?? where ?? = ?", [name, companyColumn, inbox.companyId]),
      );
      if (count > 0) seen.push(name);
      if (name === "messages") expect(count).toBe(1);
    }
    expect(seen).toEqual([
      "account_links",
      "api_keys",
      "audit_log",
      "client_erasures",
      "companies",
      "consumers",
      "dead_letters",
      "event_log",
      "event_log_heads",
      "event_log_waiting",
      "logins",
      "media_downloads",
      "media_removals",
      "media_uploads",
      "messages",
      "outbox",
      "pending_facts",
      "push_deliveries",
      "push_notices",
      "push_subscriptions",
      "reach_changes",
      "refresh_tokens",
      "revocations",
      "second_factors",
      "session_leases",
      "session_profiles",
      "team_members",
      "users",
      "webhook_deliveries",
      "webhook_endpoints",
      "whatsapp_sessions",
    ]);
    await expect(system.raw("select body from messages")).rejects.toThrow(/permission denied/);
  } finally {
    await system.destroy();
  }
});

test("rejects a row for another company", async ({ db, database }) => {
  const inbox = await openInbox(db);
  const stranger = await db.system.companies.create({ name: "Globex" });
  const app = openKnex(database.appUrl);
  try {
    const attempt = app.transaction(async (trx) => {
      await trx.raw("select set_config('app.company_id', ?, true)", [stranger.id]);
      await trx("clients").insert({ company_id: inbox.companyId, whatsapp_number: "5511" });
    });
    await expect(attempt).rejects.toThrow(/row-level security/);
  } finally {
    await app.destroy();
  }
});

test("search rejects any company except the transaction's own", async ({ db, database }) => {
  const inbox = await openInbox(db);
  const stranger = await db.system.companies.create({ name: "Globex" });
  const app = openKnex(database.appUrl);
  try {
    for (const search of [
      "search_clients(?, null, null, null, null, 10)",
      "search_chats(?, null, null, null, null, 10)",
    ]) {
      const attempt = app.transaction(async (trx) => {
        await trx.raw("select set_config('app.company_id', ?, true)", [stranger.id]);
        await trx.raw(`select * from ${search}`, [inbox.companyId]);
      });
      await expect(attempt).rejects.toThrow(/own company/);
    }
  } finally {
    await app.destroy();
  }
});

test("repositories of one company do not find rows of another", async ({ db }) => {
  const [mine, theirs] = [await openInbox(db), await openInbox(db)];
  const stored = await db.withCompany(theirs.companyId, (unit) => unit.messages.insertOnce(newMessage(theirs)));
  await db.withCompany(mine.companyId, async (unit) => {
    expect(await unit.sessions.find(theirs.session.id)).toBeUndefined();
    expect(await unit.clients.find(theirs.client.id)).toBeUndefined();
    expect(await unit.chats.find(theirs.chat.id)).toBeUndefined();
    expect(await unit.messages.find(stored?.id ?? "")).toBeUndefined();
    expect(await unit.users.find(theirs.userId)).toBeUndefined();
    expect((await unit.messages.listBefore(theirs.chat.id, { limit: 10 })).items).toEqual([]);
    expect(await unit.chats.markRead(theirs.chat.id)).toBeUndefined();
    expect(await unit.outboundQueue.add({ chatId: theirs.chat.id, body: "oi", userId: mine.userId })).toBeUndefined();
    expect((await unit.clients.list({ limit: 10 })).items.map(({ id }) => id)).toEqual([mine.client.id]);
    expect((await unit.sessions.list()).map(({ id }) => id)).toEqual([mine.session.id]);
  });
  await expect(db.withCompany("x' or true --", async () => undefined)).rejects.toThrow("not a UUID");
  expect(await db.withCompany(randomUUID(), (unit) => unit.sessions.list())).toEqual([]);
});

test("a transaction of a company sees no operators and no connectors", async ({ db, database }) => {
  await db.system.operators.createFirst({ email: "olga@example.com", name: "Olga", passwordHash: "x" });
  const app = openKnex(database.appUrl);
  try {
    for (const table of ["operators", "operator_logins", "connectors"])
      await expect(app.raw("select * from ??", [table])).rejects.toMatchObject({ code: "42501" });
  } finally {
    await app.destroy();
  }
});
