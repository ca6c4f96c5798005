import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- quoted_message_id: the message that an answer refers to.
    -- change, changes_message_id: the row is not a message of the chat but an outbound operation that changes that message. It is
    -- queued, sent and tracked like a message. body is the new text or the emoji.
    -- No foreign keys: messages are deleted only with their session, all together.
    alter table messages
      add column quoted_message_id uuid,
      add column change text check (change in ('edit', 'reaction', 'delete')),
      add column changes_message_id uuid,
      add constraint messages_change_of check ((change is null) = (changes_message_id is null)) not valid;
    alter table messages validate constraint messages_change_of;
    -- Also used to check that no message refers to a file before it is deleted.
    create index messages_media on messages (company_id, media_id) where media_id is not null;
    create index media_bytes on media (company_id, storage_key);

    -- Files that users uploaded, until a message uses them.
    create table media_uploads (
      company_id uuid not null,
      media_id uuid not null,
      user_id uuid not null,
      uploaded_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, media_id),
      foreign key (company_id, media_id) references media (company_id, id) on delete cascade,
      foreign key (company_id, user_id) references users (company_id, id)
    );
    create index media_uploads_age on media_uploads (uploaded_at);
    ${enableRowSecurity("media_uploads")}
    ${companyPolicy("media_uploads", "select, insert, update, delete")}
    -- The sweep needs the age of uploads, not the user.
    ${systemPolicy("media_uploads", "select (company_id, media_id, uploaded_at)")}
    grant delete on media to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    revoke delete on media from syszap_app;
    drop table media_uploads;
    drop index media_bytes;
    drop index messages_media;
    alter table messages drop column changes_message_id, drop column change, drop column quoted_message_id;
  `);
}

export const sending: Migration = { up, down };
