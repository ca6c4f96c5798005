import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The newest archive of a session's profile. storage_key is null when the profile was forgotten under that generation.
    create table session_profiles (
      company_id uuid not null,
      session_id uuid not null,
      generation bigint not null,
      sequence bigint not null,
      engine text not null,
      storage_key text,
      sha256 text,
      size bigint,
      archived_at timestamptz(3) not null default now(),
      primary key (company_id, session_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade,
      check ((storage_key is null) = (sha256 is null) and (storage_key is null) = (size is null))
    );
    ${enableRowSecurity("session_profiles")}
    ${companyPolicy("session_profiles", "select, insert, update")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table session_profiles;");
}

export const sessionProfiles: Migration = { up, down };
