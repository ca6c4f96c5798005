import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The newest states of each session, one row for each version. generation is null when no owner observed the state.
    create table session_transitions (
      company_id uuid not null,
      session_id uuid not null,
      version integer not null,
      generation bigint,
      detail text not null,
      reason text,
      occurred_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, session_id, version),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    ${enableRowSecurity("session_transitions")}
    ${companyPolicy("session_transitions", "select, insert, delete")}

    -- Health that the owner reports with each renewal.
    alter table session_leases
      add column restarts integer not null default 0,
      add column memory_bytes bigint,
      add column last_event_at timestamptz(3);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table session_transitions;
    alter table session_leases drop column restarts, drop column memory_bytes, drop column last_event_at;
  `);
}

export const sessionHealth: Migration = { up, down };
