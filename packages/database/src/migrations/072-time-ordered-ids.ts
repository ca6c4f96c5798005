import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/** The tables that grow with the traffic and whose ids Postgres generates. */
const tables = ["messages", "chats", "clients", "audit_log", "unknown_payloads", "push_deliveries", "dead_letters"];

const setDefaults = (expression: string) =>
  tables.map((table) => `alter table ${table} alter column id set default ${expression};`).join("\n");

/**
 * New rows get ids in the order of their creation (decision 101), so that their index grows at its end. Old rows keep their ids, which
 * other systems know. A UUID of version 7 (RFC 9562) is the time in milliseconds, the version, and 74 random bits; these and the
 * variant are taken from a UUID of version 4.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function uuid_v7() returns uuid language sql volatile parallel safe as $$
      select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
        || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
    $$;
    ${setDefaults("uuid_v7()")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${setDefaults("gen_random_uuid()")}
    drop function uuid_v7;
  `);
}

export const timeOrderedIds: Migration = { up, down };
