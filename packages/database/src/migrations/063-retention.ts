import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/** How long a company keeps messages, files and its audit log (decision 090). Null: messages and files for ever, the log as configured. */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- retention_checked_at: when everything expired was last removed, or the settings were changed. retention_leased_until: until when one
    -- process removes. retention_messages, retention_files: what it has removed since.
    alter table companies
      add column keep_messages_days integer,
      add column keep_files_days integer,
      add column keep_audit_days integer,
      add column retention_checked_at timestamptz(3),
      add column retention_leased_until timestamptz(3),
      add column retention_messages bigint not null default 0,
      add column retention_files bigint not null default 0;
    alter table companies add constraint companies_keep_a_week
      check (keep_messages_days >= 7 and keep_files_days >= 7 and keep_audit_days >= 7) not valid;
    grant update (keep_messages_days, keep_files_days, keep_audit_days, retention_checked_at, retention_leased_until,
      retention_messages, retention_files) on companies to syszap_app;

    -- Services may delete messages that the company's setting allows to delete, and no others.
    grant delete on messages to syszap_app;
    create policy messages_deleted_when_expired on messages as restrictive for delete to syszap_app using (
      status is distinct from 'queued' and occurred_at < (
        select now() - make_interval(days => c.keep_messages_days) from companies c where c.id = messages.company_id));
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop policy messages_deleted_when_expired on messages;
    revoke delete on messages from syszap_app;
    alter table companies
      drop column keep_messages_days, drop column keep_files_days, drop column keep_audit_days,
      drop column retention_checked_at, drop column retention_leased_until,
      drop column retention_messages, drop column retention_files;
  `);
}

export const retention: Migration = { up, down };
