import type { Knex } from "knex";
import { searchFunctions } from "./016-search-at-size.ts";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

/** The tables that the policy below limits by session. */
const limited = ["chats", "messages"];

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table companies add column agents_see text not null default 'team' check (agents_see in ('all', 'team', 'own'));
    grant update (agents_see) on companies to syszap_app;

    -- A removed team has no members. It stays for the chats of removed sessions, so that these do not become visible to everybody.
    create table teams (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      name text not null check (length(name) between 1 and 80),
      created_at timestamptz(3) not null default now(),
      removed_at timestamptz(3),
      primary key (company_id, id)
    );
    create unique index teams_name_key on teams (company_id, lower(name)) where removed_at is null;
    ${enableRowSecurity("teams")}
    ${companyPolicy("teams", "select, insert, update")}

    create table team_members (
      company_id uuid not null,
      team_id uuid not null,
      user_id uuid not null,
      primary key (company_id, team_id, user_id),
      foreign key (company_id, team_id) references teams (company_id, id) on delete cascade,
      foreign key (company_id, user_id) references users (company_id, id) on delete cascade
    );
    create index team_members_of_user on team_members (company_id, user_id);
    ${enableRowSecurity("team_members")}
    ${companyPolicy("team_members", "select, insert, delete")}

    -- A session without a row here is served by every user. Rows of a removed session stay, because its chats stay.
    create table session_teams (
      company_id uuid not null,
      session_id uuid not null,
      team_id uuid not null,
      primary key (company_id, session_id, team_id),
      foreign key (company_id, session_id) references whatsapp_sessions (company_id, id) on delete cascade,
      foreign key (company_id, team_id) references teams (company_id, id) on delete cascade
    );
    create index session_teams_of_team on session_teams (company_id, team_id);
    ${enableRowSecurity("session_teams")}
    ${companyPolicy("session_teams", "select, insert, delete")}

    -- Changes of who sees what, until all events from before them are published. user_ids: null for all agents.
    create table reach_changes (
      company_id uuid not null references companies (id) on delete cascade,
      id uuid not null default gen_random_uuid(),
      user_ids uuid[],
      changed_at timestamptz not null default clock_timestamp(),
      primary key (company_id, id)
    );
    ${enableRowSecurity("reach_changes")}
    ${companyPolicy("reach_changes", "select, insert, delete")}
    ${systemPolicy("reach_changes", "select")}

    -- A page of the chats of some sessions.
    create index chats_of_session_newest_first on chats (company_id, session_id, last_message_order desc, id desc);
    ${reachPolicies}
    ${searchWithin}
    revoke all on function search_clients, search_chats from public;
    grant execute on function search_clients, search_chats to syszap_app;
  `);
}

/**
 * The second wall behind the conditions in the repositories. A transaction that acts for a person sets `app.sessions` to the
 * sessions within the person's reach, or to '*'. Workers set nothing and see the whole company. The subqueries run once per statement.
 */
const reachPolicies = `
  create function reached_sessions() returns uuid[] language sql stable
  return nullif(nullif(current_setting('app.sessions', true), ''), '*')::uuid[];

  ${limited
    .map(
      (table) => `create policy ${table}_in_reach on ${table} as restrictive to syszap_app using (
        (select reached_sessions()) is null or session_id = any ((select reached_sessions())::uuid[]));`,
    )
    .join("\n")}

  -- A file is visible by a message, as the picture of a user or of a client with a chat, or to the user who uploaded it.
  create policy media_in_reach on media as restrictive to syszap_app using (
    (select reached_sessions()) is null
    or exists (select from messages m where m.company_id = media.company_id and m.media_id = media.id)
    or exists (select from media_uploads u where u.company_id = media.company_id and u.media_id = media.id
      and u.user_id = nullif(current_setting('app.user_id', true), '')::uuid)
    or exists (select from clients c join chats ch on ch.company_id = c.company_id and ch.client_id = c.id
      where c.company_id = media.company_id and c.picture_media_id = media.id)
    or exists (select from users u where u.company_id = media.company_id and u.picture_media_id = media.id)
  ) with check (true);
  create index clients_picture on clients (company_id, picture_media_id) where picture_media_id is not null;`;

/** Search as in migration 016, within some sessions. `sessions`: null for all. */
const searchWithin = `
  drop function search_clients;
  create function search_clients(
    company uuid, name_pattern text, number_pattern text, before_ms bigint, before_id uuid, page_size integer,
    sessions uuid[] default null
  ) returns setof uuid language plpgsql stable security definer rows 50
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as $$
  declare
    name_like text := public.searchable(name_pattern);
  begin
    perform public.assert_own_company(company);
    return query
      select c.id from public.clients c
      where c.company_id = company and c.registered_at is not null
        and (name_like is null or c.searchable_name like name_like or c.whatsapp_number like number_pattern)
        and (sessions is null or c.id in (
          select ch.client_id from public.chats ch where ch.company_id = company and ch.session_id = any (sessions)))
        and (before_id is null
          or (coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz), c.id)
            < (to_timestamp(before_ms / 1000.0), before_id))
      order by coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz) desc, c.id desc
      limit page_size;
  end $$;

  drop function search_chats;
  create function search_chats(
    company uuid, name_pattern text, number_pattern text, before_order text, before_id uuid, page_size integer,
    sessions uuid[] default null
  ) returns setof uuid language plpgsql stable security definer rows 50
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as $$
  declare
    name_like text := public.searchable(name_pattern);
  begin
    perform public.assert_own_company(company);
    if name_like is null and sessions is null then
      return query
        select ch.id from public.chats ch
        where ch.company_id = company and ch.merged_into is null
          and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
        order by ch.last_message_order desc, ch.id desc
        limit page_size;
    elsif name_like is null then
      -- The first page of each session, read in order from its index, contains the first page of all.
      return query
        select newest.id from unnest(sessions) of_session (id) cross join lateral (
          select ch.id, ch.last_message_order from public.chats ch
          where ch.company_id = company and ch.session_id = of_session.id and ch.merged_into is null
            and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
          order by ch.last_message_order desc, ch.id desc
          limit page_size
        ) newest
        order by newest.last_message_order desc, newest.id desc
        limit page_size;
    else
      return query
        select ch.id from public.chats ch
        join public.clients c on c.company_id = company and c.id = ch.client_id
        where ch.company_id = company and ch.merged_into is null
          and (sessions is null or ch.session_id = any (sessions))
          and (c.searchable_name like name_like or c.whatsapp_number like number_pattern)
          and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
        order by ch.last_message_order desc, ch.id desc
        limit page_size;
    end if;
  end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function search_chats;
    drop function search_clients;
    ${searchFunctions}
    revoke all on function search_clients, search_chats from public;
    grant execute on function search_clients, search_chats to syszap_app;
    drop index clients_picture;
    drop policy media_in_reach on media;
    ${limited.map((table) => `drop policy ${table}_in_reach on ${table};`).join("\n")}
    drop function reached_sessions;
    drop index chats_of_session_newest_first;
    drop table reach_changes;
    drop table session_teams;
    drop table team_members;
    drop table teams;
    alter table companies drop column agents_see;
  `);
}

export const teams: Migration = { up, down };
