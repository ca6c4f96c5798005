import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareRoles } from "@syszap/database";
import type { DatabaseUrls } from "@syszap/testing";
import pg from "pg";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { type Api, test as apiTest } from "../support/api-test.ts";

export interface Result {
  code: number;
  output: string;
  errors: string;
}

/** An installation that backups are restored into: an empty database and an empty media directory. */
export interface Target extends DatabaseUrls {
  mediaDirectory: string;
}

interface Fixtures {
  /** Folder of backups. */
  backups: string;
  /** Environment of both commands, for the source. */
  env: NodeJS.ProcessEnv;
  syszap: (args: string[], changes?: NodeJS.ProcessEnv) => Promise<Result>;
  target: Target;
}

export const newKey = () => randomBytes(32).toString("base64");

export const withDatabase = async <Value>(url: string, use: (db: pg.Client) => Promise<Value>): Promise<Value> => {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  return use(db).finally(() => db.end());
};
const asDatabase = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
const passwordOf = (url: string) => new URL(url).password;

export const test = apiTest.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  backups: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), "syszap-backups-"));
    await use(directory);
    await rm(directory, { recursive: true });
  },
  env: async ({ api, database, redisUrl }: { api: Api; database: DatabaseUrls; redisUrl: string }, use) => {
    const backupPassword = newKey();
    const [appPassword, systemPassword] = [passwordOf(database.appUrl), passwordOf(database.systemUrl)];
    await prepareRoles({ ownerUrl: database.ownerUrl, appPassword, systemPassword, backupPassword });
    const backupUrl = Object.assign(new URL(database.ownerUrl), {
      username: "syszap_backup",
      password: backupPassword,
    });
    await use({
      NODE_ENV: "test",
      REDIS_URL: redisUrl,
      MEDIA_DIRECTORY: api.mediaDirectory,
      BACKUP_DATABASE_URL: backupUrl.href,
      OWNER_DATABASE_URL: database.ownerUrl,
      APP_DATABASE_PASSWORD: appPassword,
      SYSTEM_DATABASE_PASSWORD: systemPassword,
      BACKUP_DATABASE_PASSWORD: backupPassword,
      ACCOUNT_ENCRYPTION_KEY: newKey(),
      SESSION_ENCRYPTION_KEY: newKey(),
      PROFILE_ENCRYPTION_KEY: newKey(),
    });
  },
  syszap: async ({ env }, use) => {
    await use(async (args, changes = {}) => {
      const result = { output: "", errors: "" };
      const code = await runCommandLine(args, {
        env: { ...env, ...changes },
        out: (text) => {
          result.output += `${text}\n`;
        },
        error: (text) => {
          result.errors += `${text}\n`;
        },
      });
      return { code, ...result };
    });
  },
  target: async ({ database }, use) => {
    const name = `restored_${randomBytes(8).toString("hex")}`;
    const mediaDirectory = await mkdtemp(join(tmpdir(), "syszap-restored-"));
    await withDatabase(database.ownerUrl, (db) => db.query(`create database ${name}`));
    const { ownerUrl, appUrl, systemUrl } = database;
    await use({
      name,
      ownerUrl: asDatabase(ownerUrl, name),
      appUrl: asDatabase(appUrl, name),
      systemUrl: asDatabase(systemUrl, name),
      mediaDirectory,
    });
    await withDatabase(database.ownerUrl, (db) => db.query(`drop database ${name} with (force)`));
    await rm(mediaDirectory, { recursive: true });
  },
});

/** The environment that restores into the target. */
export const into = ({ ownerUrl, mediaDirectory }: Target): NodeJS.ProcessEnv => ({
  OWNER_DATABASE_URL: ownerUrl,
  MEDIA_DIRECTORY: mediaDirectory,
});

/** A hash of the rows of each table, and of everything else in the schema. */
export const contentOf = (url: string): Promise<Record<string, string>> =>
  withDatabase(url, async (db) => {
    const { rows: tables } = await db.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    );
    const content: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await db.query(
        `select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') as hash from "${name}" t`,
      );
      content[name] = rows[0].hash;
    }
    const { rows } = await db.query(`
      select 'policies' as kind, md5(string_agg(p::text, ',' order by p::text)) as hash from pg_policies p
      union all select 'indexes', md5(string_agg(indexdef, ',' order by indexdef)) from pg_indexes where schemaname = 'public'
      union all select 'constraints', md5(string_agg(conname || pg_get_constraintdef(oid), ',' order by conname, oid::regclass::text))
        from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
      union all select 'triggers', md5(string_agg(pg_get_triggerdef(oid), ',' order by pg_get_triggerdef(oid))) from pg_trigger where not tgisinternal
      union all select 'functions', md5(string_agg(pg_get_functiondef(oid), ',' order by pg_get_functiondef(oid)))
        from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
      union all select 'privileges', md5(string_agg(relname || array_to_string(array(select unnest(relacl)::text order by 1), ','), ',' order by relname))
        from pg_class where relnamespace = 'public'::regnamespace and relacl is not null
      union all select 'sequences', md5(string_agg(sequencename || coalesce(last_value, 0), ',' order by sequencename)) from pg_sequences`);
    for (const { kind, hash } of rows) content[kind] = hash;
    return content;
  });
