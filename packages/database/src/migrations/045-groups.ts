import type { Knex } from "knex";
import { searchChats as searchClientChats } from "./042-client-evidence.ts";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

/** The tables that a person sees by the session of the chat. */
const limited = ["chat_groups", "group_participants"];

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- When groups were switched on. Null: the session receives no messages of groups.
    alter table whatsapp_sessions add column groups_enabled_at timestamptz(3);

    -- A chat without a client is with a group.
    alter table chats alter column client_id drop not null, add column unread_mentions integer not null default 0,
      add constraint chats_of_client_or_group check ((client_id is null) = (wa_chat_id like '%@g.us')) not valid;
    create unique index chats_of_group on chats (company_id, session_id, wa_chat_id) where client_id is null;

    -- sender: the participant who wrote a received message of a group: number, LID and name.
    alter table messages add column sender jsonb, add column mentions_us boolean not null default false;

    -- subject_at, picture_at, participants_at, member_at: WhatsApp's time of the stored value, so that an older report does not replace it.
    create table chat_groups (
      company_id uuid not null,
      chat_id uuid not null,
      session_id uuid not null,
      subject text,
      subject_at timestamptz(3),
      searchable_subject text generated always as (searchable(subject)) stored,
      picture_media_id uuid,
      picture_at timestamptz(3),
      participant_count integer not null default 0,
      participants_at timestamptz(3),
      is_member boolean not null default true,
      member_at timestamptz(3),
      notify_all boolean not null default false,
      primary key (company_id, chat_id),
      foreign key (company_id, chat_id) references chats (company_id, id) on delete cascade,
      foreign key (company_id, picture_media_id) references media (company_id, id)
    );
    create index chat_groups_search on chat_groups using gin (company_id, searchable_subject gin_trgm_ops);
    create index chat_groups_picture on chat_groups (company_id, picture_media_id) where picture_media_id is not null;
    ${enableRowSecurity("chat_groups")}
    ${companyPolicy("chat_groups", "select, insert, update")}
    create policy chat_groups_searched_by_owner on chat_groups for select to current_user using (true);

    -- number repeats the LID while the number is not known.
    create table group_participants (
      company_id uuid not null,
      chat_id uuid not null,
      session_id uuid not null,
      number text not null,
      lid text,
      name text,
      role text not null check (role in ('member', 'admin', 'owner')),
      primary key (company_id, chat_id, number),
      foreign key (company_id, chat_id) references chat_groups (company_id, chat_id) on delete cascade
    );
    ${enableRowSecurity("group_participants")}
    ${companyPolicy("group_participants", "select, insert, update, delete")}

    ${limited
      .map(
        (table) => `create policy ${table}_in_reach on ${table} as restrictive to syszap_app using (
          (select reached_sessions()) is null or session_id = any ((select reached_sessions())::uuid[]));`,
      )
      .join("\n")}
    drop policy media_in_reach on media;
    ${mediaInReach(
      "or exists (select from chat_groups g where g.company_id = media.company_id and g.picture_media_id = media.id)",
    )}
    ${searchChats}
  `);
}

/** The policy of migration 027, with one more condition. */
const mediaInReach = (condition = "") => `
  create policy media_in_reach on media as restrictive to syszap_app using (
    (select reached_sessions()) is null
    or exists (select from messages m where m.company_id = media.company_id and m.media_id = media.id)
    or exists (select from media_uploads u where u.company_id = media.company_id and u.media_id = media.id
      and u.user_id = nullif(current_setting('app.user_id', true), '')::uuid)
    or exists (select from clients c join chats ch on ch.company_id = c.company_id and ch.client_id = c.id
      where c.company_id = media.company_id and c.picture_media_id = media.id)
    or exists (select from users u where u.company_id = media.company_id and u.picture_media_id = media.id)
    ${condition}
  ) with check (true);`;

/** The function of migration 042, which also finds groups by their subjects. Each part has the plan that suits its search. */
const searchChats = `
  create or replace function search_chats(
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
        select found.id from (
          (select ch.id, ch.last_message_order from public.chats ch
          join public.clients c on c.company_id = company and c.id = ch.client_id
          where ch.company_id = company and ch.merged_into is null
            and (sessions is null or ch.session_id = any (sessions))
            and (c.searchable_name like name_like or c.whatsapp_number like number_pattern
              or c.other_names like name_like or c.other_names like number_pattern)
            and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
          order by ch.last_message_order desc, ch.id desc
          limit page_size)
          union all
          (select ch.id, ch.last_message_order from public.chat_groups g
          join public.chats ch on ch.company_id = company and ch.id = g.chat_id
          where g.company_id = company and g.searchable_subject like name_like
            and (sessions is null or ch.session_id = any (sessions))
            and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
          order by ch.last_message_order desc, ch.id desc
          limit page_size)
        ) found
        order by found.last_message_order desc, found.id desc
        limit page_size;
    end if;
  end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${searchClientChats("or c.other_names like name_like or c.other_names like number_pattern")}
    drop policy media_in_reach on media;
    ${mediaInReach()}
    drop table group_participants;
    drop table chat_groups;
    -- Chats of groups have no place in earlier releases. The owner of the tables sees all rows only without forced row security.
    alter table chats no force row level security;
    delete from chats where client_id is null;
    alter table chats force row level security;
    alter table messages drop column mentions_us, drop column sender;
    drop index chats_of_group;
    alter table chats drop constraint chats_of_client_or_group, drop column unread_mentions, alter column client_id set not null;
    alter table whatsapp_sessions drop column groups_enabled_at;
  `);
}

export const groups: Migration = { up, down };
