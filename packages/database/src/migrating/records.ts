import type { Knex } from "knex";
import { appRole, systemRole } from "../roles.ts";
import { queryRow, queryRows } from "../sql/query.ts";

/** Creates the table of the migrations that ran, in the format of knex, and lets services read it. */
export async function prepareRecords(db: Knex): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw(`create table if not exists knex_migrations (
      id serial primary key, name varchar(255), batch integer, migration_time timestamptz)`);
    await trx.raw("grant select on knex_migrations to ??, ??", [appRole, systemRole]);
  });
}

export async function isRecorded(db: Knex, name: string): Promise<boolean> {
  return (await queryRow(db, "select from knex_migrations where name = :name", { name })) !== undefined;
}

/** Fails with an error of Postgres when there is no table, or the role may not read it. */
export async function recordedNames(db: Knex): Promise<Set<string>> {
  const rows = await queryRows<{ name: string }>(db, "select name from knex_migrations");
  return new Set(rows.map(({ name }) => name));
}

export async function record(db: Knex, name: string): Promise<void> {
  await db.raw("insert into knex_migrations (name, batch, migration_time) values (:name, 1, now())", { name });
}

export async function removeRecord(db: Knex, name: string): Promise<void> {
  await db.raw("delete from knex_migrations where name = :name", { name });
}
