import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import "./provided-context.ts";
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

/** Empty databases that tests of this worker have used before. Emptying one costs a tenth of creating one. */
const unused: string[] = [];
/** Schema of a new copy. The template itself is not asked: Postgres does not copy a database that has connections. */
let initialSchema: string | undefined;

/** Gives each test an empty, migrated database that no other test uses, and `redisUrl`. */
export const databaseTest = redisTest.extend<{ database: DatabaseUrls }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  database: async ({}, use) => {
    const postgres = inject("testPostgres");
    const name = unused.pop() ?? (await createDatabase(postgres.adminUrl, postgres.template));
    const urlOf = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const ownerUrl = urlOf(postgres.ownerUrl);
    initialSchema ??= await withClient(ownerUrl, readSchema);
    await use({ name, ownerUrl, appUrl: urlOf(postgres.appUrl), systemUrl: urlOf(postgres.systemUrl) });
    if (await emptyDatabase(ownerUrl)) unused.push(name);
    else await withClient(postgres.adminUrl, (client) => client.query(`drop database ${name} with (force)`));
  },
});

async function createDatabase(adminUrl: string, template: string): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  // Copying files costs half of what logging each block to the WAL costs, which is Postgres' default.
  await withClient(adminUrl, (client) =>
    client.query(`create database ${name} template ${template} strategy file_copy`),
  );
  return name;
}

/**
 * Ends all other connections and deletes all rows. Resolves with false if a test has changed the schema or settings.
 */
async function emptyDatabase(ownerUrl: string): Promise<boolean> {
  return withClient(ownerUrl, async (client) => {
    await client.query(endOtherConnections);
    if ((await readSchema(client)) !== initialSchema) return false;
    await client.query(truncateTables);
    return true;
  });
}

const terminationTimeoutMs = 60_000;
const endOtherConnections = `
  select pg_terminate_backend(pid, ${terminationTimeoutMs}) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;

/** Skips empty tables, since truncating a table replaces its files, and those that migrations fill. */
const truncateTables = `
  do $$
  declare
    filled text[] := '{}';
    relation regclass;
    is_filled boolean;
  begin
    for relation in
      select oid from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'knex_%'
    loop
      execute format('select exists (select from %s)', relation) into is_filled;
      if is_filled then filled := filled || relation::text; end if;
    end loop;
    if filled <> '{}' then
      execute format('truncate %s restart identity cascade', array_to_string(filled, ', '));
    end if;
  end $$`;

/** Hash of everything that a migration or an administrator may change in the schema `public`. */
async function readSchema(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ hash: string }>(`
    select md5(string_agg(definition, E'\\n' order by definition)) as hash from (
      select concat_ws(' ', 'class', relname, relkind, relrowsecurity, relforcerowsecurity, relowner, relacl, reloptions)
        from pg_class where relnamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull, attisdropped)
        from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
      union all
      select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) from pg_trigger where not tgisinternal
      union all
      select concat_ws(' ', 'policy', polrelid::regclass, polname, pg_get_expr(polqual, polrelid)) from pg_policy
      union all
      select concat_ws(' ', 'function', proname, proacl, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
      union all
      select concat_ws(' ', 'setting', setrole, setconfig) from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
    ) as definitions (definition)`);
  return rows[0]?.hash ?? "";
}

async function withClient<Result>(
  connectionString: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
