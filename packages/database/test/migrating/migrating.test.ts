import { spawn } from "node:child_process";
import { once } from "node:events";
import type { DatabaseUrls } from "@syszap/testing";
import type { Knex } from "knex";
import { expect, onTestFinished, vi } from "vitest";
import { type Migration, MigrationBlockedError, migrate, migrations } from "../../src/index.ts";
import { openKnex, test } from "../fixtures.ts";
import { withIndex } from "./migrating-process.ts";

const passwordOf = (url: string) => new URL(url).password;
const patience = { timeout: 120_000 };
const optionsOf = (database: DatabaseUrls) => ({
  ownerUrl: database.ownerUrl,
  appPassword: passwordOf(database.appUrl),
  systemPassword: passwordOf(database.systemUrl),
});

/** An empty database next to the test's own one, in the same server. */
async function emptyDatabase(database: DatabaseUrls, owner: Knex) {
  const name = `${database.name}_empty`;
  await owner.raw("create database ??", [name]);
  const ownerUrl = Object.assign(new URL(database.ownerUrl), { pathname: `/${name}` }).href;
  const db = openKnex(ownerUrl);
  onTestFinished(async () => {
    await db.destroy();
    const admin = openKnex(database.ownerUrl);
    await admin.raw("drop database ?? with (force)", [name]);
    await admin.destroy();
  });
  return { db, options: { ...optionsOf(database), ownerUrl } };
}

const recorded = async (db: Knex) =>
  (await db("knex_migrations").orderBy("id").select("name")).map(({ name }: { name: string }) => name);
const shapeOf = async (db: Knex) =>
  (
    await db.raw(`select table_name, column_name, data_type, is_nullable from information_schema.columns
      where table_schema = 'public' order by 1, 2`)
  ).rows;

/** Runs the migrations in a separate process, which a test can kill. */
function migrateInProcess({ ownerUrl, appPassword, systemPassword }: ReturnType<typeof optionsOf>, killAt?: number) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", new URL("./migrating-process.ts", import.meta.url).pathname],
    {
      cwd: new URL("../..", import.meta.url),
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        ...process.env,
        ...{ OWNER_URL: ownerUrl, APP_PASSWORD: appPassword, SYSTEM_PASSWORD: systemPassword },
        ...(killAt !== undefined && { KILL_AT: String(killAt) }),
      },
    },
  );
  return { child, ended: once(child, "exit").then(([code, signal]) => (signal ?? code) as string | number) };
}

/** A session that holds locks until `end` is called. */
async function blockWith(url: string, statement: string) {
  const client = openKnex(Object.assign(new URL(url), { search: "?application_name=nightly-dump" }).href);
  const trx = await client.transaction(undefined, { isolationLevel: "repeatable read" });
  const end = async () => {
    if (!trx.isCompleted()) await trx.rollback();
  };
  onTestFinished(() => end().finally(() => client.destroy()));
  await trx.raw(statement);
  return { end };
}

const addColumn: Record<string, Migration> = {
  "998-table": {
    up: async (knex) => void (await knex.raw("create table tried (id integer)")),
    down: async () => undefined,
  },
  "999-column": {
    up: async (knex) => void (await knex.raw("alter table clients add column tried integer")),
    down: async () => undefined,
  },
};

test("two processes that migrate at once run each migration once", patience, async ({ database, owner }) => {
  const { db, options } = await emptyDatabase(database, owner);
  const waiting = vi.fn();
  await Promise.all([migrate({ ...options, log: { warn: waiting } }), migrate({ ...options, log: { warn: waiting } })]);
  expect(await recorded(db)).toEqual(Object.keys(migrations));
  expect(waiting).toHaveBeenCalledWith(
    { holder: expect.objectContaining({ application: "syszap-migrate" }) },
    "another process migrates: waiting for it",
  );
});

test(
  "a process that is killed within migrations leaves a database that the next one completes",
  patience,
  async ({ database, owner }) => {
    const { db, options } = await emptyDatabase(database, owner);
    // Each run continues after the migrations that were committed, and is killed within a later one.
    const done: number[] = [];
    for (const killAt of [1, 4, 20]) {
      expect(await migrateInProcess(options, killAt).ended).toBe("SIGKILL");
      done.push((await recorded(db)).length);
    }
    expect(done).toEqual([0, 3, 22]); // one statement for each migration
    await migrate(options);
    expect(await recorded(db)).toEqual(Object.keys(migrations));
    expect(await shapeOf(db)).toEqual(await shapeOf(owner));
  },
);

test("an index build that was killed is cleaned up and repeated", patience, async ({ database, owner }) => {
  const options = optionsOf(database);
  const isValid = async () =>
    (await owner.raw("select indisvalid from pg_index where indexrelid = to_regclass('clients_tried')")).rows[0]
      ?.indisvalid;
  // The build waits for this transaction, whose snapshot is older than the index.
  const dump = await blockWith(database.ownerUrl, "select count(*) from clients");
  const { child, ended } = migrateInProcess(options);
  await vi.waitFor(async () => expect(await isValid()).toBe(false), { timeout: 60_000, interval: 50 });
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  await dump.end();

  await migrate({ ...options, migrations: withIndex });
  expect(await isValid()).toBe(true);
  expect(await recorded(owner)).toContain("999-index");
  await migrate({ ...options, migrations: withIndex });
});

test(
  "a migration repeats its attempts while a table is locked, and holds no other statement up",
  patience,
  async ({ database, owner }) => {
    const dump = await blockWith(database.ownerUrl, "lock table clients in access share mode");
    const messages: unknown[][] = [];
    let rowsRead: unknown;
    const warn = (fields: object, message: string) => {
      messages.push([fields, message]);
      if (message !== "got no lock, trying again" || rowsRead !== undefined) return;
      rowsRead = owner("clients")
        .count()
        .then(() => dump.end());
    };
    await migrate({ ...optionsOf(database), migrations: addColumn, log: { warn }, waits: { lockTimeoutMs: 400 } });
    await rowsRead;
    expect(messages).toContainEqual([
      {
        subject: "Migration 999-column",
        blockedBy: [expect.objectContaining({ application: "nightly-dump", state: "idle in transaction" })],
      },
      "waiting for a lock",
    ]);
    expect(await recorded(owner)).toEqual(expect.arrayContaining(["998-table", "999-column"]));
  },
);

test(
  "a migration that gets no lock in time names the session that holds it, and keeps the finished ones",
  patience,
  async ({ database, owner }) => {
    await blockWith(database.ownerUrl, "lock table clients in access share mode");
    const waits = { lockTimeoutMs: 400, deadlineMs: 200 };
    const failure = migrate({ ...optionsOf(database), migrations: addColumn, waits });
    await expect(failure).rejects.toBeInstanceOf(MigrationBlockedError);
    await expect(failure).rejects.toThrow(
      /^Migration 999-column got no lock within 0\.2 s\. Held by: process \d+ of role \w+, application "nightly-dump", idle in transaction since .*lock table clients/,
    );
    expect(await recorded(owner)).toContain("998-table");
    expect(await recorded(owner)).not.toContain("999-column");
  },
);

test("services refuse a database that is older than their release, and accept a newer one", async ({ owner, db }) => {
  await expect(db.requireSchema()).resolves.toBeUndefined();
  await owner("knex_migrations").insert({ name: "999-of-a-newer-release", batch: 1, migration_time: new Date() });
  await expect(db.requireSchema()).resolves.toBeUndefined();
  const newest = Object.keys(migrations).at(-1);
  await owner("knex_migrations").where({ name: newest }).delete();
  await expect(db.requireSchema()).rejects.toThrow(
    new RegExp(
      `^The database is older than this release: 1 migrations have not run, from ${newest} on. Run the command "migrate"`,
    ),
  );
  await owner.raw("drop table knex_migrations");
  await expect(db.requireSchema()).rejects.toThrow(`${Object.keys(migrations).length} migrations have not run`);
});
