import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Structured content of a message: a location, contact cards, a poll.
    alter table messages add column content jsonb;

    -- Files that are not downloaded from WhatsApp yet. next_attempt_at is null when the download was given up, until a retry.
    create table media_downloads (
      company_id uuid not null,
      session_id uuid not null,
      direction smallint not null check (direction in (0, 1)),
      wa_key text not null,
      handle text not null,
      mime_type text not null,
      file_name text,
      size bigint,
      attempts integer not null default 0,
      next_attempt_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, session_id, direction, wa_key),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    create index media_downloads_due on media_downloads (session_id, next_attempt_at) where next_attempt_at is not null;
    ${enableRowSecurity("media_downloads")}
    ${companyPolicy("media_downloads", "select, insert, update, delete")}
    -- A connector claims the downloads of all its sessions together.
    ${systemPolicy("media_downloads", "select, update (attempts, next_attempt_at)")}

    -- Created with the first request. storage_key is null when no thumbnail can be made of the file.
    create table media_thumbnails (
      company_id uuid not null,
      media_id uuid not null,
      storage_key text,
      size integer,
      sha256 text,
      made_at timestamptz(3) not null default now(),
      primary key (company_id, media_id),
      foreign key (company_id, media_id) references media (company_id, id) on delete cascade
    );
    create index media_thumbnails_bytes on media_thumbnails (company_id, storage_key) where storage_key is not null;
    ${enableRowSecurity("media_thumbnails")}
    ${companyPolicy("media_thumbnails", "select, insert")}

    -- When WhatsApp was last asked for the picture of a contact, also when there was none or the same one.
    create table profile_picture_checks (
      company_id uuid not null references companies (id) on delete cascade,
      whatsapp_number text not null,
      checked_at timestamptz(3) not null,
      primary key (company_id, whatsapp_number)
    );
    ${enableRowSecurity("profile_picture_checks")}
    ${companyPolicy("profile_picture_checks", "select, insert, update")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table profile_picture_checks;
    drop table media_thumbnails;
    drop table media_downloads;
    alter table messages drop column content;
  `);
}

export const media: Migration = { up, down };
