import type { Knex } from "knex";
import { searchChats, searchClients } from "./005-search.ts";
import { isNotMerged } from "./015-identities.ts";
import type { Migration } from "./migration.ts";

/**
 * Search compares a stored form of names without case, accents and letter variants: "joao" finds "João". When the search text is too
 * short for an index, this costs a third of ILIKE. `rows` is the size of a page: with the default estimate of 1,000 Postgres read all
 * clients to return fifty. Custom plans are forced because the best plan depends on the search text.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create extension if not exists unaccent;
    -- Declared immutable, although the rules of unaccent can change: rebuild the column after changing them. Names are bound at
    -- creation, so the function does not depend on search_path; setting it would cost a third of the 5 µs for each message.
    create function searchable(value text) returns text language sql immutable strict parallel safe
    return lower(unaccent('unaccent'::regdictionary, normalize(value, nfkc)));
    alter table clients add column searchable_name text generated always as (searchable(name)) stored;
    drop index clients_search;
    create index clients_search on clients
      using gin (company_id, searchable_name gin_trgm_ops, whatsapp_number gin_trgm_ops);
    analyze clients;

    ${searchFunctions}
  `);
}

/** Used again when a later migration is rolled back. */
export const searchFunctions = `
    create or replace function search_clients(
      company uuid, name_pattern text, number_pattern text, before_ms bigint, before_id uuid, page_size integer
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
          and (before_id is null
            or (coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz), c.id)
              < (to_timestamp(before_ms / 1000.0), before_id))
        order by coalesce(c.last_contact_at, '1970-01-01 00:00:00+00'::timestamptz) desc, c.id desc
        limit page_size;
    end $$;

    create or replace function search_chats(
      company uuid, name_pattern text, number_pattern text, before_order text, before_id uuid, page_size integer
    ) returns setof uuid language plpgsql stable security definer rows 50
    set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as $$
    declare
      name_like text := public.searchable(name_pattern);
    begin
      perform public.assert_own_company(company);
      if name_like is null then
        return query
          select ch.id from public.chats ch
          where ch.company_id = company and ch.merged_into is null
            and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
          order by ch.last_message_order desc, ch.id desc
          limit page_size;
      else
        return query
          select ch.id from public.chats ch
          join public.clients c on c.company_id = company and c.id = ch.client_id
          where ch.company_id = company and ch.merged_into is null
            and (c.searchable_name like name_like or c.whatsapp_number like number_pattern)
            and (before_id is null or (ch.last_message_order, ch.id) < (before_order, before_id))
          order by ch.last_message_order desc, ch.id desc
          limit page_size;
      end if;
    end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${searchClients}
    ${searchChats(isNotMerged)}
    drop index clients_search;
    alter table clients drop column searchable_name;
    create index clients_search on clients using gin (company_id, name gin_trgm_ops, whatsapp_number gin_trgm_ops);
    drop function searchable;
  `);
}

export const searchAtSize: Migration = { up, down };
