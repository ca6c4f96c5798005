import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Source order up to which the chat was read or answered. Messages up to there never count as unread.
    alter table chats add column read_order text collate "C" not null default '';
    create index chats_unread on chats (company_id, session_id) where unread_count > 0;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop index chats_unread; alter table chats drop column read_order;");
}

export const readOrder: Migration = { up, down };
