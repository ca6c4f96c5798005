import pg from "pg";
import { expect, inject } from "vitest";
import { type DatabaseUrls, databaseTest as test } from "../src/index.ts";

/** Databases of the earlier tests of this file. Each test leaves something else behind. */
const used: string[] = [];

async function query(database: DatabaseUrls, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  client.on("error", () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Counts the rows of all tables except those of the migrations. */
const countRows = `
  select coalesce(sum((xpath('/row/count/text()',
    query_to_xml(format('select count(*) from %s', oid::regclass), false, true, '')))[1]::text::int), 0)::int as rows
  from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'knex_%'`;
const sizeOfDeliveries = "select pg_relation_size('webhook_deliveries')::int / 1024 / 1024 as mebibytes";
const insertCompany = "insert into companies (name) values ('Padaria') returning id";
const insertEndpoint = "insert into webhook_endpoints (company_id, url, secret) select id, 'x', 'x' from companies";
const insertDeliveries = (count: number) => `
  insert into webhook_deliveries (company_id, endpoint_id, event_id, event_type, order_key, body)
  select company_id, id, gen_random_uuid(), 'x', 'x', repeat('x', 600) from webhook_endpoints, generate_series(1, ${count})
  returning position::int`;

test("gives a test an empty database of its own", async ({ database }) => {
  used.push(database.name);
  expect(database.name).not.toBe(inject("testPostgres").template);
  expect(new URL(database.appUrl).pathname).toBe(`/${database.name}`);
  expect(await query(database, countRows)).toEqual([{ rows: 0 }]);
  expect(await query(database, insertCompany, insertEndpoint, insertDeliveries(1))).toEqual([{ position: 1 }]);
});

test("empties a database with few rows, and restarts its sequences", async ({ database }) => {
  expect(used).toContain(database.name);
  expect(await query(database, countRows)).toEqual([{ rows: 0 }]);
  expect(await query(database, insertCompany, insertEndpoint, insertDeliveries(1))).toEqual([{ position: 1 }]);
});

test("gives no rows of the earlier test, and fills a table beyond the size up to which rows are deleted", async ({
  database,
}) => {
  expect(used).toContain(database.name);
  expect(await query(database, countRows)).toEqual([{ rows: 0 }]);
  await query(database, insertCompany, insertEndpoint, insertDeliveries(3_000));
  expect(await query(database, sizeOfDeliveries)).toEqual([{ mebibytes: 2 }]);
});

test("truncates a large table", async ({ database }) => {
  expect(used).toContain(database.name);
  expect(await query(database, countRows)).toEqual([{ rows: 0 }]);
  expect(await query(database, sizeOfDeliveries)).toEqual([{ mebibytes: 0 }]);
  await query(database, insertCompany, "alter table companies disable trigger all");
});

test("replaces a database whose triggers were changed", async ({ database }) => {
  expect(used).not.toContain(database.name);
  used.push(database.name);
  await query(database, "alter function feed_webhooks() cost 200");
});

test("replaces a database whose functions were changed", async ({ database }) => {
  expect(used).not.toContain(database.name);
  used.push(database.name);
  await query(database, insertCompany);
  await query(
    database,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
});

test("gives an empty database after a test that ended all connections", async ({ database }) => {
  expect(await query(database, countRows)).toEqual([{ rows: 0 }]);
});
