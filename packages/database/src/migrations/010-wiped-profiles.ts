import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- True when the archives of a forgotten profile are deleted from the store. Until then connectors try again.
    alter table session_profiles add column is_wiped boolean not null default false;
    create index session_profiles_unwiped on session_profiles (company_id, session_id)
      where storage_key is null and not is_wiped;
    create index whatsapp_sessions_removed on whatsapp_sessions (company_id, id) where removed_at is not null;
    ${systemPolicy("session_profiles", "select", "storage_key is null")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop policy session_profiles_across_companies on session_profiles;
    revoke select on session_profiles from syszap_system;
    drop index whatsapp_sessions_removed;
    drop index session_profiles_unwiped;
    alter table session_profiles drop column is_wiped;
  `);
}

export const wipedProfiles: Migration = { up, down };
