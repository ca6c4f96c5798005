import type { Knex } from "knex";
import { searchChats } from "./005-search.ts";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

export const isNotMerged = "ch.merged_into is null and ";

/** The rule of `canonicalNumber` in `contracts` at the time of this release. */
const canonical = "regexp_replace(whatsapp_number, '^(55[1-9][0-9])([6-9][0-9]{7})$', '\\19\\2')";

async function up(knex: Knex): Promise<void> {
  await knex.raw(
    `
    -- The ids by which WhatsApp names clients. A phone number has its canonical form. A value belongs to one client.
    create table client_identities (
      company_id uuid not null,
      kind text not null check (kind in ('phone', 'lid')),
      value text not null,
      client_id uuid not null,
      created_at timestamptz(3) not null default now(),
      primary key (company_id, kind, value),
      foreign key (company_id, client_id) references clients (company_id, id) on delete cascade
    );
    create index client_identities_of_client on client_identities (company_id, client_id);

    -- A merged row stays and refers to the row that took over. It is in no list.
    alter table clients
      add column merged_into uuid,
      add foreign key (company_id, merged_into) references clients (company_id, id),
      drop constraint clients_company_id_whatsapp_number_key;
    create index clients_number on clients (company_id, whatsapp_number);
    create index clients_merged on clients (company_id, merged_into) where merged_into is not null;
    alter table chats
      add column merged_into uuid,
      add foreign key (company_id, merged_into) references chats (company_id, id);

    -- When two rows have the same number, the one that wrote first gets the identity. The next message merges the other.
    insert into client_identities (company_id, kind, value, client_id)
    select company_id, 'phone', ${canonical}, id from clients
    order by registered_at nulls last, created_at, id
    on conflict do nothing;
    insert into client_identities (company_id, kind, value, client_id)
    select company_id, 'phone', whatsapp_number, id from clients
    on conflict do nothing;
    -- A client whose number was never reported has the digits of the LID as its number.
    insert into client_identities (company_id, kind, value, client_id)
    select c.company_id, 'lid', c.whatsapp_number, c.id from clients c
    where exists (select from chats ch where ch.company_id = c.company_id and ch.client_id = c.id
      and ch.wa_chat_id = c.whatsapp_number || '@lid')
    on conflict do nothing;

    ${enableRowSecurity("client_identities")}
    ${companyPolicy("client_identities", "select, insert, update")}
    ${searchChats(isNotMerged)}
  `,
  );
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${searchChats()}
    drop table client_identities;
    alter table chats drop column merged_into;
    drop index clients_number;
    alter table clients drop column merged_into, add unique (company_id, whatsapp_number);
  `);
}

export const identities: Migration = { up, down };
