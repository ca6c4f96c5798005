import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Facts about messages that are not stored yet. The writer limits their age, and their number for each company.
    create table pending_facts (
      company_id uuid not null,
      session_id uuid not null,
      direction smallint not null check (direction in (0, 1)),
      wa_key text not null,
      fact_id text not null,
      kind text not null,
      payload text not null,
      kept_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, session_id, direction, wa_key, fact_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    create index pending_facts_of_company on pending_facts (company_id, kept_at);
    -- Not by company: the sweep reads the rows of all companies.
    create index pending_facts_age on pending_facts (kept_at);
    ${enableRowSecurity("pending_facts")}
    ${companyPolicy("pending_facts", "select, insert, update, delete")}
    -- The sweeper needs to know which facts wait and since when, not their content.
    ${systemPolicy(
      "pending_facts",
      "select (company_id, session_id, direction, wa_key, fact_id, kept_at), update (kept_at), delete",
    )}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table pending_facts;");
}

export const pendingFacts: Migration = { up, down };
