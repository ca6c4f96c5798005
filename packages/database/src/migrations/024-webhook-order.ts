import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

const setScopes = (scopes: string) => `
  alter table api_keys drop constraint api_keys_scopes_check;
  alter table api_keys add constraint api_keys_scopes_check
    check (cardinality(scopes) > 0 and scopes <@ array[${scopes}]);`;

/** Lets API keys manage webhooks, and endpoints receive one event at a time. */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table webhook_endpoints add column is_one_at_a_time boolean not null default false;
    ${setScopes("'send', 'read', 'sessions', 'manage:webhooks'")}
  `);
}

/** Removes the scope from all keys, and revokes keys that have no other scope. */
async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The owner has no policy on this table.
    alter table api_keys no force row level security;
    update api_keys set revoked_at = coalesce(revoked_at, now()), scopes = array['send', 'manage:webhooks']
    where scopes = array['manage:webhooks'];
    update api_keys set scopes = array_remove(scopes, 'manage:webhooks') where 'manage:webhooks' = any (scopes);
    alter table api_keys force row level security;
    ${setScopes("'send', 'read', 'sessions'")}
    alter table webhook_endpoints drop column is_one_at_a_time;
  `);
}

export const webhookOrder: Migration = { up, down };
