import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

/** Space that uploads in progress have reserved. A row of a killed process ends at `expires_at`. */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table upload_reservations (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      bytes bigint not null,
      expires_at timestamptz not null,
      primary key (company_id, id)
    );
    ${enableRowSecurity("upload_reservations")}
    ${companyPolicy("upload_reservations", "select, insert, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table upload_reservations");
}

export const uploadReservations: Migration = { up, down };
