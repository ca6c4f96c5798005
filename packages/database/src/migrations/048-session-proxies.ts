import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The proxy through which a session reaches WhatsApp. sealed_credentials: encrypted by rest-api, read by connectors.
    create table session_proxies (
      company_id uuid not null,
      session_id uuid not null,
      scheme text not null check (scheme in ('http', 'socks5')),
      host text not null,
      port int not null check (port between 1 and 65535),
      sealed_credentials bytea,
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, session_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    ${enableRowSecurity("session_proxies")}
    ${companyPolicy("session_proxies", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table session_proxies;");
}

export const sessionProxies: Migration = { up, down };
