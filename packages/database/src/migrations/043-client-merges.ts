import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity } from "./row-security.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A merge by hand. before: what undoing restores. closed_at: undone, or can no longer be undone.
    create table client_merges (
      company_id uuid not null,
      id uuid not null default gen_random_uuid(),
      kept uuid not null,
      gone uuid not null,
      merged_at timestamptz(3) not null default clock_timestamp(),
      closed_at timestamptz(3),
      before jsonb not null,
      primary key (company_id, id),
      foreign key (company_id, kept) references clients (company_id, id) on delete cascade,
      foreign key (company_id, gone) references clients (company_id, id) on delete cascade
    );
    create index client_merges_open on client_merges (company_id, kept, merged_at) where closed_at is null;
    ${enableRowSecurity("client_merges")}
    ${companyPolicy("client_merges", "select, insert, update")}

    -- Messages that a merge by hand moved to another chat.
    create table merged_messages (
      company_id uuid not null,
      merge_id uuid not null,
      message_id uuid not null,
      primary key (company_id, merge_id, message_id),
      foreign key (company_id, merge_id) references client_merges (company_id, id) on delete cascade,
      foreign key (company_id, message_id) references messages (company_id, id) on delete cascade
    );
    create index merged_messages_of_message on merged_messages (company_id, message_id);
    ${enableRowSecurity("merged_messages")}
    ${companyPolicy("merged_messages", "select, insert, delete")}

    -- Two clients that were split by hand. No evidence merges them again.
    create table client_separations (
      company_id uuid not null,
      one uuid not null,
      other uuid not null,
      separated_at timestamptz(3) not null default clock_timestamp(),
      primary key (company_id, one, other),
      foreign key (company_id, one) references clients (company_id, id) on delete cascade,
      foreign key (company_id, other) references clients (company_id, id) on delete cascade
    );
    create index client_separations_of_other on client_separations (company_id, other);
    ${enableRowSecurity("client_separations")}
    ${companyPolicy("client_separations", "select, insert, update, delete")}
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop table client_separations; drop table merged_messages; drop table client_merges;");
}

export const clientMerges: Migration = { up, down };
