import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

/** Erasing a client at its request (decision 091). Services may delete rows of clients that are being erased, and no others. */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- One row while the data of a client, and of the clients that were merged into it, is being erased.
    create table client_erasures (
      company_id uuid not null references companies (id) on delete cascade,
      client_id uuid not null,
      family uuid[] not null,
      requested_at timestamptz(3) not null default now(),
      leased_until timestamptz(3),
      removed_messages bigint not null default 0,
      primary key (company_id, client_id)
    );
    ${enableRowSecurity("client_erasures")}
    ${companyPolicy("client_erasures", "select, insert, update, delete")}
    ${systemPolicy("client_erasures", "select, update (leased_until)")}

    alter table clients add column erasure_requested_at timestamptz(3);
    grant delete on chats, clients, client_identities, profile_picture_checks, unknown_payloads to syszap_app;
    create policy clients_deleted_when_erased on clients as restrictive for delete to syszap_app
      using (erasure_requested_at is not null);
    create policy client_identities_deleted_when_erased on client_identities as restrictive for delete to syszap_app using (exists (
      select from clients c where c.company_id = client_identities.company_id and c.id = client_identities.client_id
        and c.erasure_requested_at is not null));
    create policy chats_deleted_when_erased on chats as restrictive for delete to syszap_app using (exists (
      select from clients c where c.company_id = chats.company_id and c.id = chats.client_id and c.erasure_requested_at is not null));
    alter policy messages_deleted_when_expired on messages using (
      (status is distinct from 'queued' and occurred_at < (
        select now() - make_interval(days => c.keep_messages_days) from companies c where c.id = messages.company_id))
      or exists (
        select from chats ch join clients c on c.company_id = ch.company_id and c.id = ch.client_id
        where ch.company_id = messages.company_id and ch.id = messages.chat_id and c.erasure_requested_at is not null));
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter policy messages_deleted_when_expired on messages using (
      status is distinct from 'queued' and occurred_at < (
        select now() - make_interval(days => c.keep_messages_days) from companies c where c.id = messages.company_id));
    drop policy chats_deleted_when_erased on chats;
    drop policy client_identities_deleted_when_erased on client_identities;
    drop policy clients_deleted_when_erased on clients;
    revoke delete on chats, clients, client_identities, profile_picture_checks, unknown_payloads from syszap_app;
    alter table clients drop column erasure_requested_at;
    drop table client_erasures;
  `);
}

export const clientErasures: Migration = { up, down };
