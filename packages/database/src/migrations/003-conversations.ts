import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table media (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null,
      storage_key text not null,
      mime_type text not null,
      file_name text,
      size bigint not null,
      sha256 text not null,
      created_at timestamptz(3) not null default now(),
      primary key (company_id, id)
    );
    ${enableRowSecurity("media")}
    ${companyPolicy("media", "select, insert")}

    -- registered_at: when the number wrote for the first time. Until then the row only keeps its name and picture.
    -- name_at, picture_at: WhatsApp's time of the stored value, so that an older report does not replace it.
    create table clients (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      whatsapp_number text not null,
      name text,
      name_at timestamptz(3),
      picture_media_id uuid,
      picture_at timestamptz(3),
      last_contact_at timestamptz(3),
      registered_at timestamptz(3),
      version integer not null default 1,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      unique (company_id, whatsapp_number),
      foreign key (company_id, picture_media_id) references media (company_id, id)
    );
    create index clients_last_contact on clients
      (company_id, coalesce(last_contact_at, '1970-01-01 00:00:00+00'::timestamptz) desc, id desc) where registered_at is not null;
    ${enableRowSecurity("clients")}
    ${companyPolicy("clients", "select, insert, update")}

    create table chats (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      session_id uuid not null,
      wa_chat_id text not null,
      client_id uuid not null,
      unread_count integer not null default 0 check (unread_count >= 0),
      last_message_id uuid,
      last_message_order text collate "C" not null default '',
      version integer not null default 1,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      unique (company_id, session_id, client_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade,
      foreign key (company_id, client_id) references clients (company_id, id)
    );
    create index chats_newest_first on chats (company_id, last_message_order desc, id desc);
    create index chats_wa_chat_id on chats (company_id, session_id, wa_chat_id);
    create index chats_client on chats (company_id, client_id);
    ${enableRowSecurity("chats")}
    ${companyPolicy("chats", "select, insert, update")}

    -- source_order sorts the messages of a chat in WhatsApp's order, as text: see source-order.ts.
    -- status_at_ms: WhatsApp's time of the receipt that set the status.
    create table messages (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      session_id uuid not null,
      chat_id uuid not null,
      direction smallint not null check (direction in (0, 1)),
      wa_key text not null,
      type smallint not null,
      body text not null,
      status text check (status in ('queued', 'sent', 'delivered', 'read', 'played', 'failed')),
      status_at_ms bigint not null default 0,
      failure_reason text,
      media_id uuid,
      reactions jsonb not null default '[]',
      edited_at timestamptz(3),
      revoked_at timestamptz(3),
      source_order text collate "C" not null,
      occurred_at timestamptz(3) not null,
      user_id uuid,
      idempotency_key text,
      claimed_generation bigint,
      attempts integer not null default 0,
      next_attempt_at timestamptz(3),
      version integer not null default 1,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      unique (company_id, session_id, direction, wa_key),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade,
      foreign key (company_id, chat_id) references chats (company_id, id) on delete cascade,
      foreign key (company_id, media_id) references media (company_id, id),
      foreign key (company_id, user_id) references users (company_id, id)
    );
    create index messages_newest_first on messages (company_id, chat_id, source_order desc, id desc);
    create index messages_of_session on messages (company_id, session_id, occurred_at desc);
    create index messages_queued on messages (company_id, session_id, source_order, id) where status = 'queued';
    create unique index messages_idempotency_key on messages (company_id, idempotency_key) where idempotency_key is not null;
    ${enableRowSecurity("messages")}
    ${companyPolicy("messages", "select, insert, update")}
    -- The sweeper needs to know which sessions have queued messages, not their text.
    ${systemPolicy(
      "messages",
      "select (company_id, id, session_id, status, occurred_at, next_attempt_at)",
      "status = 'queued'",
    )}

    create sequence outbound_receipts;
    grant usage on sequence outbound_receipts to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop sequence outbound_receipts;
    drop table messages;
    drop table chats;
    drop table clients;
    drop table media;
  `);
}

export const conversations: Migration = { up, down };
