import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- activated_at: when the user set the first password; null: invited.
    alter table users
      alter column password_hash drop not null,
      add column language text not null default 'pt-BR' check (language in ('pt-BR', 'en')),
      add column picture_media_id uuid,
      add column activated_at timestamptz(3),
      add foreign key (company_id, picture_media_id) references media (company_id, id);
    update users set activated_at = created_at;
    alter table users
      add constraint users_password_when_active check ((password_hash is null) = (activated_at is null));
    -- The app role never sees or writes passwords, and it deletes only users who have not accepted their invitation.
    grant select (language, picture_media_id, activated_at, updated_at),
      insert (company_id, email, name, role, language),
      update (name, role, language, picture_media_id, disabled_at, updated_at),
      delete on users to syszap_app;
    create policy users_delete_invited on users as restrictive for delete to syszap_app using (activated_at is null);
    create index users_by_name on users (company_id, lower(name), id);
    -- For the upkeep of uploads, which must know whether a file is a picture.
    create index users_picture on users (company_id, picture_media_id) where picture_media_id is not null;

    -- One sign-in and its chain of refresh tokens. The newest login of a user is kept: it shows when the user was seen last.
    create table logins (
      company_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      user_agent text check (length(user_agent) <= 300),
      address text check (length(address) <= 100),
      started_at timestamptz(3) not null default now(),
      last_seen_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade
    );
    create index logins_of_user on logins (company_id, user_id, last_seen_at desc);
    insert into logins (company_id, id, user_id, started_at, last_seen_at)
      select company_id, login_id, user_id, min(created_at), max(created_at) from refresh_tokens
      group by company_id, login_id, user_id;
    ${enableRowSecurity("logins")}
    ${companyPolicy("logins", "select (company_id, id, user_id, last_seen_at)")}
    ${systemPolicy("logins", "select, insert, update, delete")}

    -- The transaction that disables a user also ends the logins. The app role cannot read the hashes of tokens.
    ${companyPolicy("refresh_tokens", "select (company_id, user_id, login_id, expires_at, revoked_at), update (revoked_at)")}

    -- Links with which a person sets a password, once. The token is never stored, only its hash.
    -- nonce: the token is derived from it and a key of the service, again for each attempt to send the e-mail.
    -- next_attempt_at: when the e-mail is due; a sender moves it forward while it works.
    create table account_links (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      user_id uuid not null,
      kind text not null check (kind in ('invitation', 'password_reset')),
      nonce bytea not null check (length(nonce) = 32),
      token_hash bytea not null check (length(token_hash) = 32),
      expires_at timestamptz(3) not null,
      used_at timestamptz(3),
      revoked_at timestamptz(3),
      mail text not null check (mail in ('off', 'queued', 'sent', 'failed')),
      attempts integer not null default 0,
      next_attempt_at timestamptz(3),
      mail_error text check (length(mail_error) <= 500),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade,
      check ((mail = 'queued') = (next_attempt_at is not null))
    );
    -- Not by company: a link does not name the company.
    create unique index account_links_hash_key on account_links (token_hash);
    create unique index account_links_open on account_links (company_id, user_id, kind)
      where used_at is null and revoked_at is null;
    create index account_links_due on account_links (next_attempt_at) where next_attempt_at is not null;
    create index account_links_expiry on account_links (expires_at);
    ${enableRowSecurity("account_links")}
    ${companyPolicy("account_links", "select, insert, update (revoked_at, mail, next_attempt_at)")}
    ${systemPolicy("account_links", "select, insert, update, delete")}

    -- Append-only: no role of a service may update it, and only the upkeep of the system role deletes old rows.
    create table audit_log (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      occurred_at timestamptz(3) not null default now(),
      actor_kind text not null check (actor_kind in ('user', 'api_key', 'operator', 'system')),
      actor_id uuid,
      login_id uuid,
      address text check (length(address) <= 100),
      action text not null check (action ~ '^[a-z][a-z_]{0,59}$'),
      target_kind text check (target_kind ~ '^[a-z][a-z_]{0,59}$'),
      target_id text check (length(target_id) <= 200),
      before jsonb,
      after jsonb,
      primary key (company_id, id),
      check ((target_kind is null) = (target_id is null))
    );
    create index audit_log_newest_first on audit_log (company_id, occurred_at desc, id desc);
    create index audit_log_of_actor on audit_log (company_id, actor_id, occurred_at desc, id desc);
    create index audit_log_of_target on audit_log (company_id, target_id, occurred_at desc, id desc);
    create index audit_log_of_action on audit_log (company_id, action, occurred_at desc, id desc);
    create index audit_log_age on audit_log (occurred_at);
    ${enableRowSecurity("audit_log")}
    ${companyPolicy("audit_log", "select, insert")}
    ${systemPolicy("audit_log", "select (company_id, id, occurred_at), insert, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_log;
    drop table account_links;
    drop table logins;
    drop policy refresh_tokens_of_company on refresh_tokens;
    revoke select (company_id, user_id, login_id, expires_at, revoked_at), update (revoked_at) on refresh_tokens from syszap_app;
    drop policy users_delete_invited on users;
    revoke insert, update, delete on users from syszap_app;
    delete from users where activated_at is null;
    drop index users_by_name;
    alter table users drop constraint users_password_when_active;
    alter table users
      alter column password_hash set not null,
      drop column language,
      drop column picture_media_id,
      drop column activated_at;
    revoke select (updated_at) on users from syszap_app;
  `);
}

export const accounts: Migration = { up, down };
