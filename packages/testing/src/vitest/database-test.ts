import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { TestPostgres } from "./provided-context.ts";
import { redisTest } from "./redis-test.ts";

/**
 * Connection URLs of one database: for its owner (migrations), the services' role, and the role for work across
 * companies.
 */
export interface DatabaseUrls {
  name: string;
  ownerUrl: string;
  appUrl: string;
  systemUrl: string;
}

/** A migrated database and a connection of its owner. The connection stays open between tests: a new one costs more than emptying. */
interface TestDatabase {
  name: string;
  ownerUrl: string;
  owner: pg.Client;
  isConnected: boolean;
}

/** Empty databases that tests of this worker have used before. Emptying one costs a hundredth of creating one. */
const unused: TestDatabase[] = [];
/** Schema of a new copy. The template itself is not asked: Postgres does not copy a database that has connections. */
let initialSchema: string | undefined;

/** Gives each test an empty, migrated database that no other test uses, and `redisUrl`. */
export const databaseTest = redisTest.extend<{ database: DatabaseUrls }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  database: async ({}, use) => {
    const postgres = inject("testPostgres");
    const database = unused.pop() ?? (await createDatabase(postgres));
    const { name, ownerUrl } = database;
    const [appUrl, systemUrl] = [urlOf(postgres.appUrl, name), urlOf(postgres.systemUrl, name)];
    await use({ name, ownerUrl, appUrl, systemUrl });
    if (await emptyDatabase(database)) unused.push(database);
    else await dropDatabase(postgres, database);
  },
});

const urlOf = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;

async function createDatabase({ adminUrl, ownerUrl, template }: TestPostgres): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Copying files costs half of what logging each block to the WAL costs, which is Postgres' default.
  await runAsAdmin(adminUrl, `create database ${name} template ${template} strategy file_copy`);
  const url = urlOf(ownerUrl, name);
  const owner = new pg.Client({ connectionString: url });
  const database = { name, ownerUrl: url, owner, isConnected: true };
  // Tests may end all connections of a database or stop the server.
  owner.on("error", () => undefined).on("end", () => Object.assign(database, { isConnected: false }));
  await owner.connect();
  initialSchema ??= await readSchema(owner);
  return database;
}

async function dropDatabase({ adminUrl }: TestPostgres, { name, owner, isConnected }: TestDatabase): Promise<void> {
  if (isConnected) await owner.end().catch(() => undefined);
  await runAsAdmin(adminUrl, `drop database ${name} with (force)`);
}

async function runAsAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/**
 * Ends all other connections and deletes all rows. Resolves with false if a test has changed the schema or settings, or has ended
 * the owner's connection.
 */
async function emptyDatabase({ owner, isConnected }: TestDatabase): Promise<boolean> {
  if (!isConnected) return false;
  try {
    await owner.query(endOtherConnections);
    if ((await readSchema(owner)) !== initialSchema) return false;
    await owner.query(deleteRows);
    return true;
  } catch (error) {
    // The test has just ended the connection.
    if (isConnectionLoss(error)) return false;
    throw error;
  }
}

/** 57P01: admin_shutdown, which `pg_terminate_backend` sends. */
const isConnectionLoss = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && (error.code === "57P01" || error.code === "ECONNRESET")) ||
    error.message.startsWith("Connection terminated") ||
    error.message.includes("not queryable"));

const terminationTimeoutMs = 60_000;
const endOtherConnections = `
  select pg_terminate_backend(pid, ${terminationTimeoutMs}) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

/**
 * Deletes all rows, except those that migrations insert, and restarts all sequences. Truncating a table replaces the files of all
 * tables that refer to it, which costs thirty times as much as deleting a few rows. Only large tables are truncated. The role
 * `replica` turns off foreign keys and triggers.
 */
const deleteRows = `
  do $$
  declare
    small regclass[] := '{}';
    large text[] := '{}';
    relation regclass;
    is_filled boolean;
  begin
    for relation in
      select oid from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'knex_%'
    loop
      execute format('select exists (select from %s)', relation) into is_filled;
      if is_filled and pg_table_size(relation) > 1024 * 1024 then
        large := large || relation::text;
      elsif is_filled then
        small := small || relation;
      end if;
    end loop;
    if large <> '{}' then
      execute format('truncate %s cascade', array_to_string(large, ', '));
    end if;
    set local session_replication_role = replica;
    foreach relation in array small loop
      execute format('delete from %s', relation);
    end loop;
    perform setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
      from pg_sequences where schemaname = 'public' and last_value is not null and sequencename not like 'knex_%';
  end $$`;

/**
 * Hash of everything that a migration or an administrator may change in the schema `public`. A changed row of a catalog has another
 * `xmin`, which copies of a database keep. Rows of `pg_class` also change when a table is truncated or analyzed.
 */
async function readSchema(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ hash: string }>(`
    select md5(string_agg(definition, E'\\n' order by definition)) as hash from (
      select concat_ws(' ', 'class', relname, relkind, relrowsecurity, relforcerowsecurity, relowner, relacl, reloptions)
        from pg_class where relnamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'column', attrelid, attnum, pg_attribute.xmin)
        from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'default', oid, xmin) from pg_attrdef
      union all
      select concat_ws(' ', 'constraint', oid, xmin) from pg_constraint where connamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'trigger', oid, xmin) from pg_trigger
      union all
      select concat_ws(' ', 'policy', oid, xmin) from pg_policy
      union all
      select concat_ws(' ', 'function', oid, xmin) from pg_proc where pronamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'setting', setrole, setconfig) from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
    ) as definitions (definition)`);
  return rows[0]?.hash ?? "";
}
