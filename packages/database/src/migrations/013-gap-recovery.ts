import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- linked_at: when the current phone was linked. Older messages are history.
    -- missed_since: start of the period to fetch from WhatsApp again, because messages may have been missed; null: none.
    alter table whatsapp_sessions add column linked_at timestamptz(3), add column missed_since timestamptz(3);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table whatsapp_sessions drop column linked_at, drop column missed_since;");
}

export const gapRecovery: Migration = { up, down };
