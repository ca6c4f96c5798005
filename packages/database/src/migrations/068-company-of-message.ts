import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/**
 * Finds the company of a message for operators, who know only its id. Ids are unique per company, so each company is asked with an
 * index. It runs with the caller's rights: row-level security holds, and only the id of the company leaves it.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function company_of_message(companies uuid[], message uuid) returns uuid language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
    declare
      company uuid;
    begin
      foreach company in array companies loop
        perform set_config('app.company_id', company::text, true);
        if exists (select from messages m where m.company_id = company and m.id = message) then
          return company;
        end if;
      end loop;
      return null;
    end $$;
    revoke all on function company_of_message from public;
    grant execute on function company_of_message to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop function company_of_message;");
}

export const companyOfMessage: Migration = { up, down };
