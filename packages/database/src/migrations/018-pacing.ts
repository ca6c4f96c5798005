import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- per_hour, cold_per_day: the limits that the owner used last; 0: no limit.
    -- next_at: earliest time of the next attempt. is_*_spent: the budget is exhausted and has not opened again.
    -- failures: consecutive failures. openings: how often the breaker opened since the last success.
    -- told: the cause in the last notice to users.
    create table session_pacing (
      company_id uuid not null,
      session_id uuid not null,
      per_hour integer not null check (per_hour >= 0),
      cold_per_day integer not null check (cold_per_day >= 0),
      next_at timestamptz(3) not null default 'epoch',
      is_hour_spent boolean not null default false,
      is_cold_spent boolean not null default false,
      failures integer not null default 0,
      openings integer not null default 0,
      open_until timestamptz(3),
      failure_reason text,
      told text check (told in ('hourly_budget', 'cold_budget', 'failures')),
      primary key (company_id, session_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    ${enableRowSecurity("session_pacing")}
    ${companyPolicy("session_pacing", "select, insert, update, delete")}

    -- Messages whose sending began within the last day, whatever the result.
    create table session_sends (
      company_id uuid not null,
      session_id uuid not null,
      message_id uuid not null,
      chat_id uuid not null,
      is_cold boolean not null,
      sent_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, session_id, message_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    create index session_sends_by_time on session_sends (company_id, session_id, sent_at);
    create index session_sends_cold on session_sends (company_id, session_id, chat_id, sent_at) where is_cold;
    ${enableRowSecurity("session_sends")}
    ${companyPolicy("session_sends", "select, insert, update, delete")}

    -- The transaction that fails a message for good also adds its dead letter.
    grant insert on dead_letters to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    revoke insert on dead_letters from syszap_app;
    drop table session_sends;
    drop table session_pacing;
  `);
}

export const pacing: Migration = { up, down };
