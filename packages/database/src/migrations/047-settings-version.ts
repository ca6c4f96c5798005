import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Grows with each change of a setting that the session's connector applies, such as the proxy. Connectors read it with each
    -- renewal of the lease, so that a lost signal does not leave an old setting in use.
    alter table whatsapp_sessions add column settings_version int not null default 0;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table whatsapp_sessions drop column settings_version;");
}

export const settingsVersion: Migration = { up, down };
