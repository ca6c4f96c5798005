import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/**
 * Under row-level security ILIKE cannot use an index, because it is not leakproof. So search runs as the owner, who gets policies for
 * exactly these two tables, in functions that reject any company except the transaction's own. They return ids; the rows are then
 * read under row-level security as usual.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;
    create index clients_search on clients using gin (company_id, name gin_trgm_ops, whatsapp_number gin_trgm_ops);

    create policy clients_searched_by_owner on clients for select to current_user using (true);
    create policy chats_searched_by_owner on chats for select to current_user using (true);

    create function assert_own_company(company uuid) returns void language plpgsql stable
    set search_path = pg_catalog, pg_temp as $$
    begin
      if company is distinct from nullif(current_setting('app.company_id', true), '')::uuid then
        raise insufficient_privilege using message = 'search is of the transaction''s own company';
      end if;
    end $$;

    ${searchClients}
    ${searchChats()}

    revoke all on function assert_own_company, search_clients, search_chats from public;
    grant execute on function search_clients, search_chats to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function search_chats;
    drop function search_clients;
    drop function assert_own_company;
    drop policy chats_searched_by_owner on chats;
    drop policy clients_searched_by_owner on clients;
    drop index clients_search;
  `);
}

/** Matches a part of the name as it is written, or of the number. */
export const searchClients = `
  create or replace function search_clients(
    company uuid, name_pattern text, number_pattern text, before_ms bigint, before_id uuid, page_size integer
  ) returns setof uuid language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  begin
    perform public.assert_own_company(company);
    return query
      select c.id from public.clients c
      where c.company_id = company and c.registered_at is not null
        and (name_pattern is null or c.name ilike name_pattern or c.whatsapp_number like number_pattern)
        and (before_id is null
          or (coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz), c.id)
            < (to_timestamp(before_ms / 1000.0), before_id))
      order by coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz) desc, c.id desc
      limit page_size;
  end $$;`;

/** `shown`: an additional condition for chats in the list. */
export const searchChats = (shown = ""): string => `
  create or replace function search_chats(
    company uuid, name_pattern text, number_pattern text, before_order text, before_id uuid, page_size integer
  ) returns setof uuid language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp as $$
  begin
    perform public.assert_own_company(company);
    return query
      select ch.id from public.chats ch
      where ${shown}ch.company_id = company
        and (name_pattern is null or ch.client_id in (
          select c.id from public.clients c
          where c.company_id = company and (c.name ilike name_pattern or c.whatsapp_number like number_pattern)))
        and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
      order by ch.last_message_order desc, ch.id desc
      limit page_size;
  end $$;`;

export const search: Migration = { up, down };
