import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

/** Digits that earlier releases stored in place of an unknown number. */
const isOwnLid = "l.company_id = c.company_id and l.client_id = c.id and l.kind = 'lid'";

/**
 * A client may have no number ('' in `clients.whatsapp_number`), and several over time. `other_names`: the user name and, if there
 * are several, all numbers that lead to the client, for search. `messages.address`: the identity by which WhatsApp named the client
 * of the message.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The owner of the tables sees all rows only without forced row security.
    alter table clients no force row level security;
    alter table client_identities no force row level security;
    delete from client_identities p using client_identities l
    where p.kind = 'phone' and l.kind = 'lid' and l.company_id = p.company_id and l.client_id = p.client_id and l.value = p.value;
    update clients c set whatsapp_number = '', version = c.version + 1 from client_identities l
    where ${isOwnLid} and l.value = c.whatsapp_number;
    update clients c set name = null, name_at = null, version = c.version + 1 from client_identities l
    where ${isOwnLid} and l.value = c.name;

    alter table clients force row level security;
    alter table client_identities force row level security;

    -- lid: with which a number was named last. seen_at: a time at which the identity was named, exact to a day.
    alter table client_identities add column lid text, add column seen_at timestamptz(3);
    alter table clients add column username text, add column username_at timestamptz(3), add column other_names text;
    alter table messages add column address text;
    create index clients_other_names on clients using gin (company_id, other_names gin_trgm_ops) where other_names is not null;

    -- Everything by which WhatsApp named a client, with times. A number is compared by its canonical form; reported: as WhatsApp has it.
    create table client_evidence (
      company_id uuid not null,
      client_id uuid not null,
      kind text not null check (kind in ('phone', 'lid', 'username')),
      value text not null,
      reported text not null,
      first_at timestamptz(3) not null,
      last_at timestamptz(3) not null,
      primary key (company_id, client_id, kind, value),
      foreign key (company_id, client_id) references clients (company_id, id) on delete cascade
    );
    ${enableRowSecurity("client_evidence")}
    ${companyPolicy("client_evidence", "select, insert, update, delete")}
    ${search("or c.other_names like name_like or c.other_names like number_pattern")}
  `);
}

/** The functions of migration 027, with one more condition on the client's row \`c\`. */
const search = (condition: string) => `
  create or replace function search_clients(
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
        and (name_like is null or c.searchable_name like name_like or c.whatsapp_number like number_pattern ${condition})
        and (sessions is null or c.id in (
          select ch.client_id from public.chats ch where ch.company_id = company and ch.session_id = any (sessions)))
        and (before_id is null
          or (coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz), c.id)
            < (to_timestamp(before_ms / 1000.0), before_id))
      order by coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz) desc, c.id desc
      limit page_size;
  end $$;

  ${searchChats(condition)}`;

/** Also used to roll back migration 045. */
export const searchChats = (condition: string) => `
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
        select ch.id from public.chats ch
        join public.clients c on c.company_id = company and c.id = ch.client_id
        where ch.company_id = company and ch.merged_into is null
          and (sessions is null or ch.session_id = any (sessions))
          and (c.searchable_name like name_like or c.whatsapp_number like number_pattern ${condition})
          and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
        order by ch.last_message_order desc, ch.id desc
        limit page_size;
    end if;
  end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${search("")}
    drop table client_evidence;
    drop index clients_other_names;
    alter table messages drop column address;
    alter table clients drop column other_names, drop column username_at, drop column username;
    alter table client_identities drop column seen_at, drop column lid;
  `);
}

export const clientEvidence: Migration = { up, down };
