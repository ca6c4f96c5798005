import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The message whose content a queued message forwards. It recognises a repeated request after that message changed.
    alter table messages add column forwards_message_id uuid;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table messages drop column forwards_message_id;");
}

export const forwards: Migration = { up, down };
