import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- event_types: null selects all. Secrets are stored readable, because each request is signed with them.
    -- holder, held_until: the claim of a sender. failures: consecutive. paused_until: earliest time of the next attempt.
    -- is_notice_due: the notice that the endpoint was disabled is not sent yet.
    create table webhook_endpoints (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      url text not null check (length(url) <= 2000),
      description text not null default '',
      event_types text[] check (cardinality(event_types) > 0),
      secret text not null,
      previous_secret text,
      previous_secret_until timestamptz(3),
      disabled_at timestamptz(3),
      disabled_reason text check (disabled_reason in ('person', 'gone', 'failing', 'backlog')),
      is_notice_due boolean not null default false,
      holder uuid,
      held_until timestamptz(3),
      failures integer not null default 0,
      failing_since timestamptz(3),
      paused_until timestamptz(3),
      last_success_at timestamptz(3),
      last_failure_at timestamptz(3),
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      check ((disabled_at is null) = (disabled_reason is null)),
      check ((previous_secret is null) = (previous_secret_until is null))
    );
    ${enableRowSecurity("webhook_endpoints")}
    ${companyPolicy("webhook_endpoints", "select, insert, update, delete")}
    ${systemPolicy(
      "webhook_endpoints",
      `select, update (disabled_at, disabled_reason, is_notice_due, holder, held_until, failures, failing_since,
        paused_until, last_success_at, last_failure_at)`,
    )}

    -- position: the order of the events. Events with the same order_key are sent one after another.
    create table webhook_deliveries (
      company_id uuid not null,
      endpoint_id uuid not null,
      event_id uuid not null,
      position bigint generated always as identity,
      event_type text not null,
      order_key text not null,
      body text not null,
      state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
      attempts integer not null default 0,
      tries jsonb not null default '[]',
      next_attempt_at timestamptz(3) default clock_timestamp(),
      created_at timestamptz(3) not null default clock_timestamp(),
      finished_at timestamptz(3),
      primary key (company_id, endpoint_id, event_id),
      foreign key (company_id, endpoint_id) references webhook_endpoints (company_id, id) on delete cascade,
      check ((state = 'waiting') = (next_attempt_at is not null)),
      check ((state = 'waiting') = (finished_at is null))
    );
    create index webhook_deliveries_in_order on webhook_deliveries (company_id, endpoint_id, position);
    create index webhook_deliveries_waiting on webhook_deliveries (company_id, endpoint_id, position)
      where next_attempt_at is not null;
    create index webhook_deliveries_due on webhook_deliveries (company_id, endpoint_id, next_attempt_at)
      where next_attempt_at is not null;
    ${enableRowSecurity("webhook_deliveries")}
    ${companyPolicy("webhook_deliveries", "select, insert, update")}
    ${systemPolicy("webhook_deliveries", "select, update, delete")}

    -- Adds the events of the outbox to the webhooks, in the same transaction and without another round trip.
    -- The lock prevents that the concurrent removal of an endpoint fails a transaction with events.
    create function feed_webhooks() returns trigger language plpgsql as $$
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
        where endpoint.event_types is null or event ->> 'type' = any (endpoint.event_types)
        order by place
        on conflict do nothing;
      end loop;
      return null;
    end $$;
    create trigger outbox_feeds_webhooks after insert on outbox for each row execute function feed_webhooks();
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger outbox_feeds_webhooks on outbox;
    drop function feed_webhooks();
    drop table webhook_deliveries;
    drop table webhook_endpoints;
  `);
}

export const webhooks: Migration = { up, down };
