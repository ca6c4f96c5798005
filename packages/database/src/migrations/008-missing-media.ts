import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Description of a file that could not be stored, and the reason. Excludes a media_id.
    alter table messages
      add column missing_media jsonb,
      add constraint messages_media_or_missing check (media_id is null or missing_media is null) not valid;
    alter table messages validate constraint messages_media_or_missing;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table messages drop column missing_media;");
}

export const missingMedia: Migration = { up, down };
