import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

// sealed_secret: encrypted by rest-api. activated_at: null until a first code was entered. last_step: the newest time step whose code
// was used. recovery_hashes: the codes that were not used yet.
const columns = `
      sealed_secret bytea not null,
      activated_at timestamptz(3),
      last_step bigint,
      recovery_hashes bytea[] not null default '{}',
      created_at timestamptz(3) not null default now()`;

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table second_factors (
      company_id uuid not null,
      user_id uuid not null,${columns},
      primary key (company_id, user_id),
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade
    );
    ${enableRowSecurity("second_factors")}
    ${companyPolicy("second_factors", "select, insert, update, delete")}
    ${systemPolicy("second_factors", "select (company_id, user_id, activated_at)")}

    create table operator_second_factors (
      operator_id uuid primary key references operators (id) on delete cascade,${columns}
    );
    ${enableRowSecurity("operator_second_factors")}
    ${systemPolicy("operator_second_factors", "select, insert, update, delete")}

    alter table companies add column require_second_factor text not null default 'none'
      check (require_second_factor in ('none', 'managers'));
    grant update (require_second_factor) on companies to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    revoke update (require_second_factor) on companies from syszap_app;
    alter table companies drop column require_second_factor;
    drop table operator_second_factors;
    drop table second_factors;
  `);
}

export const secondFactor: Migration = { up, down };
