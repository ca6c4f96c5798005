import { expect } from "vitest";
import { migrate, rollback } from "../src/index.ts";
import { redrive } from "../src/migrations/020-redrive.ts";
import { openKnex, test } from "./fixtures.ts";

const passwordOf = (url: string) => new URL(url).password;

test("all migrations can be rolled back and run again, with the same tables as the result", async ({
  database,
  owner,
}) => {
  const shape = async () =>
    (
      await owner.raw(`select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
        where table_schema = 'public' and table_name not like 'knex%' order by 1, 2`)
    ).rows;
  const before = await shape();
  expect(before.length).toBeGreaterThan(80);

  await rollback({ ownerUrl: database.ownerUrl });
  expect(await shape()).toEqual([]);
  const functions = await owner.raw(
    "select proname from pg_proc where pronamespace = 'public'::regnamespace and proname like 'search%'",
  );
  expect(functions.rows).toEqual([]);

  const passwords = { appPassword: passwordOf(database.appUrl), systemPassword: passwordOf(database.systemUrl) };
  await migrate({ ownerUrl: database.ownerUrl, ...passwords });
  expect(await shape()).toEqual(before);
  await migrate({ ownerUrl: database.ownerUrl, ...passwords });
});

test("an owner without superuser rights can migrate, and search works", async ({ database, owner }) => {
  const name = `${database.name}_managed`;
  const role = `${database.name}_owner`;
  await owner.raw(`create role ?? login createrole password 'managed'`, [role]);
  await owner.raw(`create database ?? owner ??`, [name, role]);
  try {
    const ownerUrl = Object.assign(new URL(database.ownerUrl), {
      pathname: `/${name}`,
      username: role,
      password: "managed",
    }).href;
    const passwords = { appPassword: passwordOf(database.appUrl), systemPassword: passwordOf(database.systemUrl) };
    await migrate({ ownerUrl, ...passwords });

    const app = openKnex(Object.assign(new URL(database.appUrl), { pathname: `/${name}` }).href);
    const system = openKnex(Object.assign(new URL(database.systemUrl), { pathname: `/${name}` }).href);
    try {
      const [company] = await system("companies").insert({ name: "Acme" }).returning("id");
      const found: { rows: object[] } = await app.transaction(async (trx): Promise<{ rows: object[] }> => {
        await trx.raw("select set_config('app.company_id', ?, true)", [company.id]);
        await trx("clients").insert({
          company_id: company.id,
          whatsapp_number: "5511",
          name: "Zé",
          registered_at: new Date(),
        });
        return trx.raw("select * from search_clients(?, '%zé%', null, null, null, 10)", [company.id]);
      });
      expect(found.rows).toHaveLength(1);
    } finally {
      await Promise.all([app.destroy(), system.destroy()]);
    }
    await rollback({ ownerUrl });
  } finally {
    await owner.raw("drop database if exists ?? with (force)", [name]);
    await owner.raw("drop role ??", [role]);
  }
});

test("both roles own nothing, cannot bypass row security, and have timeouts", async ({ owner }) => {
  const { rows } = await owner.raw(
    `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolconfig from pg_roles
     where rolname in ('syszap_app', 'syszap_system') order by 1`,
  );
  for (const role of rows) {
    expect(role).toMatchObject({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false });
    expect(role.rolconfig.map((setting: string) => setting.split("=")[0]).sort()).toEqual([
      "idle_in_transaction_session_timeout",
      "lock_timeout",
      "statement_timeout",
    ]);
  }
  expect(rows).toHaveLength(2);
  const owned = await owner.raw(
    "select relname from pg_class where relowner in ('syszap_app'::regrole, 'syszap_system'::regrole)",
  );
  expect(owned.rows).toEqual([]);
});

test("migration 020 keeps the newest letter of a job, which counts the others", async ({ owner }) => {
  await owner
    .transaction(async (trx) => {
      await redrive.down?.(trx);
      await trx.raw("set local role syszap_system");
      const letter = { queue: "inbound-messages", job_name: "message", job_id: "1", payload_summary: "", attempts: 8 };
      await trx("dead_letters").insert([
        { ...letter, reason: "first", failed_at: "2026-01-01" },
        { ...letter, reason: "last", failed_at: "2026-01-03" },
        { ...letter, reason: "second", failed_at: "2026-01-02" },
        { ...letter, job_id: "2", reason: "other", failed_at: "2026-01-02" },
      ]);
      await trx.raw("reset role");
      await redrive.up(trx);
      await trx.raw("set local role syszap_system");
      const letters = await trx("dead_letters").select("reason", "failures", "state").orderBy("job_id");
      expect(letters).toEqual([
        { reason: "last", failures: 3, state: "resting" },
        { reason: "other", failures: 1, state: "resting" },
      ]);
      await trx.rollback();
    })
    .catch((error: unknown) => {
      if (!String(error).includes("Transaction rejected")) throw error;
    });
});
