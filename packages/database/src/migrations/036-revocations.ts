import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

/** Ended access that gateways were not informed about yet (decision 058). */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- login_id: the login or API key that ended. Null: the company was suspended or reopened.
    create table revocations (
      company_id uuid not null references companies (id),
      id uuid not null default gen_random_uuid(),
      login_id uuid,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, id)
    );
    create index revocations_by_age on revocations (created_at);
    ${enableRowSecurity("revocations")}
    ${companyPolicy("revocations", "insert")}
    ${systemPolicy("revocations", "select, insert, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table revocations");
}

export const revocations: Migration = { up, down };
