import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { enableRowSecurity, systemPolicy } from "./row-security.ts";

/** Running connectors, and sessions that should move to another one (decision 081). */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- nonce: identifies the process that runs under the id. last_seen_at: its heartbeat. stopped_at: it ended in order.
    -- host, process_space and pid: another process can tell by them whether this one is alive.
    create table connectors (
      id text primary key check (length(id) between 1 and 100),
      nonce uuid not null,
      host text not null,
      process_space text not null,
      pid int not null,
      version text not null,
      max_sessions int not null,
      state text not null default 'active' check (state in ('active', 'cordoned', 'draining')),
      started_at timestamptz(3) not null default clock_timestamp(),
      last_seen_at timestamptz(3) not null default clock_timestamp(),
      stopped_at timestamptz(3)
    ) with (fillfactor = 50);
    ${enableRowSecurity("connectors")}
    ${systemPolicy("connectors", "select, insert, update, delete")}

    -- move_to: the connector that should claim the session. Until move_until, no other one claims it.
    alter table session_leases add column move_to text, add column move_until timestamptz;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table session_leases drop column move_to, drop column move_until; drop table connectors;");
}

export const connectors: Migration = { up, down };
