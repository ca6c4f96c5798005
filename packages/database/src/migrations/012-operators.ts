import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- People who run the platform. They belong to no company, so the transaction of a company never sees them.
    create table operators (
      id uuid primary key default gen_random_uuid(),
      email text not null unique check (email = lower(email)),
      name text not null check (length(name) between 1 and 200),
      password_hash text not null,
      disabled_at timestamptz(3),
      created_at timestamptz(3) not null default now()
    );
    ${enableRowSecurity("operators")}
    ${systemPolicy("operators", "select, insert, update")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table operators;");
}

export const operators: Migration = { up, down };
