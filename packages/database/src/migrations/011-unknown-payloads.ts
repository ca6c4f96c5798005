import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- WhatsApp's name of the kind of a message of type 99.
    alter table messages add column vendor_kind text;

    -- WhatsApp payloads in an unknown form, as received. The writer limits their size, number and age.
    create table unknown_payloads (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      session_id uuid not null,
      kind text not null,
      shape text not null,
      wa_key text,
      digest text not null,
      payload text not null,
      times_seen integer not null default 1,
      first_seen_at timestamptz(3) not null default now(),
      last_seen_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      unique (company_id, session_id, digest),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    create index unknown_payloads_age on unknown_payloads (company_id, session_id, first_seen_at);
    ${enableRowSecurity("unknown_payloads")}
    ${companyPolicy("unknown_payloads", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table unknown_payloads; alter table messages drop column vendor_kind;");
}

export const unknownPayloads: Migration = { up, down };
