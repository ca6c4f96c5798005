import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- recovery_started_at: when the chats of the gap were listed; null before. A gap that was listed is not extended: what is
    -- missed later begins at missed_again_since and is the next gap.
    -- linked_number: the phone that was linked last, also while none is linked. linked_at: when it was linked first; messages
    -- after that are news, also those of a time in which it was not linked. paired_at: when the current link was made.
    alter table whatsapp_sessions
      add column recovery_started_at timestamptz(3),
      add column missed_again_since timestamptz(3),
      add column linked_number text,
      add column paired_at timestamptz(3);
    update whatsapp_sessions set linked_number = phone_number, paired_at = linked_at;

    -- Progress of the recovery of a gap, per chat. Facts after before_key are stored.
    create table session_gap_chats (
      company_id uuid not null,
      session_id uuid not null,
      chat text not null,
      newest_at timestamptz(3) not null,
      unread integer not null,
      before_key text,
      reads integer not null default 0,
      facts integer not null default 0,
      is_done boolean not null default false,
      primary key (company_id, session_id, chat),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade
    );
    create index session_gap_chats_next on session_gap_chats (company_id, session_id, reads, newest_at desc) where not is_done;
    ${enableRowSecurity("session_gap_chats")}
    ${companyPolicy("session_gap_chats", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table session_gap_chats;
    alter table whatsapp_sessions
      drop column recovery_started_at, drop column missed_again_since, drop column linked_number,
      drop column paired_at;
  `);
}

export const recoveryProgress: Migration = { up, down };
