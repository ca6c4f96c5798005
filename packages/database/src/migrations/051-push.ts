import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The browser of a login that receives push notices. p256dh, auth: the browser's keys, with which notices are encrypted.
    create table push_subscriptions (
      company_id uuid not null,
      login_id uuid not null,
      endpoint text not null check (length(endpoint) <= 1000),
      p256dh text not null check (length(p256dh) <= 100),
      auth text not null check (length(auth) <= 100),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, login_id),
      foreign key (company_id, login_id) references logins (company_id, id) on delete cascade
    );
    -- Not by company: the browser has one endpoint, also after somebody else signed in.
    create unique index push_subscriptions_endpoint on push_subscriptions (endpoint);
    ${enableRowSecurity("push_subscriptions")}
    -- For the trigger below, and for the transaction that ends a login.
    ${companyPolicy("push_subscriptions", "select (company_id, login_id), delete")}
    ${systemPolicy("push_subscriptions", "select, insert, update, delete")}
    ${systemPolicy("team_members", "select")}

    -- A received message about which nobody was notified yet. name: of the client or group.
    -- checked_at: when open pages were asked whether somebody uses them; check_id: their answers.
    create table push_notices (
      company_id uuid not null references companies (id) on delete cascade,
      event_id uuid not null,
      chat_id uuid not null,
      name text not null,
      audience json not null,
      check_id uuid,
      checked_at timestamptz(3),
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, event_id)
    );
    create index push_notices_in_order on push_notices (created_at);
    ${enableRowSecurity("push_notices")}
    ${companyPolicy("push_notices", "select (company_id, event_id), insert")}
    ${systemPolicy("push_notices", "select, insert, update, delete")}

    -- A notice that is sent to one browser. chat_id, name: null for a notice about several chats.
    create table push_deliveries (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      login_id uuid not null,
      chat_id uuid,
      name text,
      count integer not null,
      attempts integer not null default 0,
      next_attempt_at timestamptz(3) not null default now(),
      created_at timestamptz(3) not null default now(),
      primary key (company_id, id),
      foreign key (company_id, login_id) references push_subscriptions (company_id, login_id) on delete cascade
    );
    create index push_deliveries_of_login on push_deliveries (company_id, login_id);
    create index push_deliveries_due on push_deliveries (next_attempt_at);
    ${enableRowSecurity("push_deliveries")}
    ${systemPolicy("push_deliveries", "select, insert, update, delete")}

    -- Adds received messages to the notices, in the same transaction and without another round trip. Companies without a
    -- subscription cost one index lookup.
    create function feed_push() returns trigger language plpgsql as $$
    begin
      if not exists (select from push_subscriptions where company_id = new.company_id) then return null; end if;
      insert into push_notices (company_id, event_id, chat_id, name, audience)
      select new.company_id, (event ->> 'id')::uuid, (data ->> 'Chat_Id')::uuid,
        coalesce(data -> 'Client' ->> 'Name', data -> 'Group' ->> 'Subject', ''), event -> 'audience'
      from json_array_elements(new.events) listed (event), lateral (select event -> 'data' as data) part
      where event ->> 'type' = 'new_message' and data ->> 'Direction' = '0'
        and data -> 'Content' -> 'note' is null and coalesce(data ->> 'Late', '') <> 'true'
        and (coalesce(data -> 'Group' ->> 'Notify_All', 'true') = 'true' or data ->> 'Mentions_Us' = 'true')
      on conflict do nothing;
      return null;
    end $$;
    create trigger outbox_feeds_push after insert on outbox for each row execute function feed_push();
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger outbox_feeds_push on outbox;
    drop function feed_push();
    drop table push_deliveries;
    drop table push_notices;
    drop table push_subscriptions;
    drop policy team_members_across_companies on team_members;
    revoke select on team_members from syszap_system;
  `);
}

export const push: Migration = { up, down };
