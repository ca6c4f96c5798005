import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    grant usage on schema public to syszap_app, syszap_system;

    create table companies (
      id uuid primary key default gen_random_uuid(),
      name text not null check (length(name) between 1 and 200),
      created_at timestamptz(3) not null default now()
    );
    ${enableRowSecurity("companies")}
    ${companyPolicy("companies", "select", "id")}
    ${systemPolicy("companies", "select, insert, update")}

    create table users (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      email text not null check (email = lower(email)),
      name text not null,
      role text not null check (role in ('owner', 'admin', 'agent')),
      password_hash text not null,
      disabled_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, id)
    );
    -- Not by company: the company of a user who signs in is unknown.
    create unique index users_email_key on users (email);
    ${enableRowSecurity("users")}
    ${companyPolicy("users", "select (company_id, id, email, name, role, disabled_at, created_at)")}
    ${systemPolicy("users", "select, insert, update")}

    create table refresh_tokens (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      user_id uuid not null,
      login_id uuid not null,
      parent_id uuid,
      token_hash bytea not null check (length(token_hash) = 32),
      expires_at timestamptz(3) not null,
      used_at timestamptz(3),
      revoked_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade
    );
    -- Not by company: a cookie does not name the company.
    create unique index refresh_tokens_hash_key on refresh_tokens (token_hash);
    create index refresh_tokens_parent on refresh_tokens (company_id, parent_id);
    create index refresh_tokens_login on refresh_tokens (company_id, login_id);
    create index refresh_tokens_user on refresh_tokens (company_id, user_id);
    create index refresh_tokens_expiry on refresh_tokens (expires_at);
    ${enableRowSecurity("refresh_tokens")}
    ${systemPolicy("refresh_tokens", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table refresh_tokens;
    drop table users;
    drop table companies;
    revoke usage on schema public from syszap_app, syszap_system;
  `);
}

export const companies: Migration = { up, down };
