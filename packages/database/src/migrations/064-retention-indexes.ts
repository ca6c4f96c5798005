import type { Knex } from "knex";
import { buildIndex } from "./build-index.ts";
import type { Migration } from "./migration.ts";

/** Find what has expired without reading the table. */
async function up(knex: Knex): Promise<void> {
  await buildIndex(knex, {
    name: "messages_with_files_by_time",
    definition: "on messages (company_id, occurred_at) where media_id is not null",
  });
  await buildIndex(knex, {
    name: "messages_operations_by_time",
    definition: "on messages (company_id, occurred_at) where change is not null",
  });
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop index concurrently if exists messages_operations_by_time");
  await knex.raw("drop index concurrently if exists messages_with_files_by_time");
}

export const retentionIndexes: Migration = { up, down, isOnline: true };
