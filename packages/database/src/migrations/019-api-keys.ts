import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- user_id: the user who created the key, and for whom it acts. hint: the first characters of the secret, to distinguish keys.
    create table api_keys (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      user_id uuid not null,
      name text not null check (length(name) between 1 and 80),
      scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['send', 'read', 'sessions']),
      hint text not null,
      secret_hash bytea not null check (length(secret_hash) = 32),
      expires_at timestamptz(3),
      last_used_at timestamptz(3),
      revoked_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade
    );
    -- Not by company: a request does not name the company.
    create unique index api_keys_hash_key on api_keys (secret_hash);
    create index api_keys_newest_first on api_keys (company_id, created_at desc, id desc);
    ${enableRowSecurity("api_keys")}
    ${companyPolicy("api_keys", "select, insert, update (revoked_at)")}
    ${systemPolicy("api_keys", "select, update (last_used_at)")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table api_keys;");
}

export const apiKeys: Migration = { up, down };
