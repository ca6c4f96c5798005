import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table whatsapp_sessions (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      name text not null,
      engine text not null,
      desired_state text not null default 'stopped' check (desired_state in ('running', 'stopped')),
      status text not null default 'disconnected' check (status in ('connected', 'disconnected', 'qr', 'connecting')),
      detail text not null default 'stopped',
      reason text,
      phone_number text,
      version integer not null default 1,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      removed_at timestamptz(3),
      primary key (company_id, id)
    );
    create index whatsapp_sessions_order on whatsapp_sessions (company_id, created_at, id);
    ${enableRowSecurity("whatsapp_sessions")}
    ${companyPolicy("whatsapp_sessions", "select, insert, update")}
    ${systemPolicy("whatsapp_sessions", "select")}

    -- Only connectors write it. A lease that is not held has no owner.
    create table session_leases (
      company_id uuid not null,
      session_id uuid not null,
      owner text,
      generation bigint not null default 0,
      lease_until timestamptz not null default '-infinity',
      primary key (company_id, session_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    -- Not by company: connectors renew by session and look for expired leases of all companies.
    create unique index session_leases_session_key on session_leases (session_id);
    create index session_leases_expiry on session_leases (lease_until, session_id);
    ${enableRowSecurity("session_leases")}
    ${companyPolicy("session_leases", "select")}
    ${systemPolicy("session_leases", "select, insert, update")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table session_leases; drop table whatsapp_sessions;");
}

export const sessions: Migration = { up, down };
