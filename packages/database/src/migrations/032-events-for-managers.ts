import type { Knex } from "knex";
import { logPublished } from "./023-event-log.ts";
import type { Migration } from "./migration.ts";

/**
 * Webhooks and consumers belong to the owners and admins of a company, who see every chat. They receive the events of every reach, and
 * not those that concern the reach of one user: `access_changed`, and `chat_gone`, whose audience excludes owners and admins.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function is_for_managers(audience json) returns boolean language sql immutable parallel safe
      return audience ->> 'kind' = 'company' or (audience ->> 'kind' = 'reach' and audience -> 'except' is null);

    ${feedWebhooks("and is_for_managers(event -> 'audience')")}
    ${logPublishedWhere("is_for_managers(event -> 'audience')")}
  `);
}

/** As in migration 022, with a condition. */
const feedWebhooks = (condition: string) => `
  create or replace function feed_webhooks() returns trigger language plpgsql as $$
  declare
    endpoint record;
  begin
    for endpoint in
      select id, event_types from webhook_endpoints
      where company_id = new.company_id and disabled_at is null order by id for key share
    loop
      insert into webhook_deliveries (company_id, endpoint_id, event_id, event_type, order_key, body)
      select new.company_id, endpoint.id, (event ->> 'id')::uuid, event ->> 'type',
        coalesce(event -> 'data' ->> 'Chat_Id', event -> 'data' ->> 'sessionId', event -> 'data' ->> 'Id', event ->> 'type'),
        '{"type":' || (event -> 'type')::text || ',"id":' || (event -> 'id')::text
          || ',"version":' || (event -> 'version')::text || ',"data":' || (event -> 'data')::text || '}'
      from json_array_elements(new.events) with ordinality listed (event, place)
      where (endpoint.event_types is null or event ->> 'type' = any (endpoint.event_types)) ${condition}
      order by place
      on conflict do nothing;
    end loop;
    return null;
  end $$;`;

/** As in migration 023, with another condition. */
const logPublishedWhere = (condition: string) =>
  logPublished
    .replace("create function", "create or replace function")
    .replace("event -> 'audience' ->> 'kind' = 'company'", condition);

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${feedWebhooks("")}
    ${logPublishedWhere("event -> 'audience' ->> 'kind' in ('company', 'reach')")}
    drop function is_for_managers;
  `);
}

export const eventsForManagers: Migration = { up, down };
