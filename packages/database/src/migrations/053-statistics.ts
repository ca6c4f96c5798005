import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Where the days of the company's statistics begin.
    alter table companies add column time_zone text not null default 'America/Sao_Paulo';
    grant update (time_zone) on companies to syszap_app;

    -- Statistics count the messages of a time without reading the table. Operations on messages are rows without a time of their own.
    create index messages_by_time on messages (company_id, session_id, occurred_at desc) include (chat_id, direction, type)
      where change is null;
    drop index messages_of_session;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    create index messages_of_session on messages (company_id, session_id, occurred_at desc);
    drop index messages_by_time;
    alter table companies drop column time_zone;
  `);
}

export const statistics: Migration = { up, down };
