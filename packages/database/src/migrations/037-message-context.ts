import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- context: what surrounds the content, such as forwarded. quoted_key, quoted: WhatsApp's key and copy of the message that this one
    -- replies to. expires_at: when the content of a disappearing message must be erased.
    alter table messages add column context jsonb, add column quoted_key text, add column quoted jsonb,
      add column expires_at timestamptz(3);
    create index messages_expiring on messages (expires_at) where expires_at is not null and revoked_at is null;
    -- The sweeper needs to know which messages are due, not their text.
    grant select (direction, wa_key, expires_at, revoked_at) on messages to syszap_system;
    create policy messages_expiring_across_companies on messages for select to syszap_system
      using (expires_at is not null and revoked_at is null);

    -- The sender's phone creates the key of a received message, so two contacts can use the same one. Keys of sent messages are unique.
    alter table messages drop constraint messages_company_id_session_id_direction_wa_key_key;
    create unique index messages_key on messages
      (company_id, session_id, direction, wa_key, (case when direction = 0 then chat_id end)) nulls not distinct;

    -- Files in the media store that no row has any more.
    create table media_removals (
      company_id uuid not null references companies (id) on delete cascade,
      storage_key text not null,
      requested_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, storage_key)
    );
    create index media_removals_age on media_removals (requested_at);
    ${enableRowSecurity("media_removals")}
    ${companyPolicy("media_removals", "select, insert, update, delete")}
    ${systemPolicy("media_removals", "select")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table media_removals;
    drop index messages_key;
    alter table messages add constraint messages_company_id_session_id_direction_wa_key_key
      unique (company_id, session_id, direction, wa_key);
    drop policy messages_expiring_across_companies on messages;
    revoke select (direction, wa_key, expires_at, revoked_at) on messages from syszap_system;
    drop index messages_expiring;
    alter table messages drop column expires_at, drop column quoted, drop column quoted_key, drop column context;
  `);
}

export const messageContext: Migration = { up, down };
