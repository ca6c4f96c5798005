import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- events is json, not jsonb, which keeps the exact text for publishing it again.
    create table outbox (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null,
      events json not null,
      created_at timestamptz not null default clock_timestamp(),
      published_at timestamptz,
      primary key (company_id, id)
    );
    -- Not by company: the sweep reads the rows of all companies.
    create index outbox_unpublished on outbox (created_at, id) where published_at is null;
    create index outbox_published on outbox (published_at) where published_at is not null;
    ${enableRowSecurity("outbox")}
    ${companyPolicy("outbox", "insert")}
    ${systemPolicy("outbox", "select, update, delete")}

    -- company_id is null for a malformed job without a company. Only operators see such rows. So it is not part of the key.
    create table dead_letters (
      company_id uuid,
      id uuid primary key default gen_random_uuid(),
      queue text not null,
      job_name text not null,
      job_id text not null,
      reason text not null,
      payload_summary text not null,
      payload text,
      attempts integer not null,
      failed_at timestamptz(3) not null,
      created_at timestamptz(3) not null default now(),
      unique (queue, job_id, failed_at)
    );
    create index dead_letters_of_company on dead_letters (company_id, created_at desc, id desc);
    create index dead_letters_newest_first on dead_letters (created_at desc, id desc);
    ${enableRowSecurity("dead_letters")}
    ${companyPolicy("dead_letters", "select")}
    ${systemPolicy("dead_letters", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table dead_letters; drop table outbox;");
}

export const delivery: Migration = { up, down };
