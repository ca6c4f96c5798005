import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { enableRowSecurity, systemPolicy } from "./row-security.ts";

/**
 * Suspending and deleting companies, and the logins of operators (decisions 051 and 052). Rows are deleted by functions of the owner,
 * and only of a company whose deletion has begun, because no other role may delete rows of most tables.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- deletion_due_at: when the removal of all data begins; deletion_started_at: when it began, after which it cannot be cancelled.
    -- deletion_leased_until: until when one process works on the removal.
    alter table companies
      add column suspended_at timestamptz(3),
      add column deletion_due_at timestamptz(3),
      add column deletion_started_at timestamptz(3),
      add column deletion_step text not null default '',
      add column deletion_done integer not null default 0,
      add column deletion_total integer not null default 0,
      add column deletion_removed bigint not null default 0,
      add column deletion_leased_until timestamptz,
      add constraint companies_deleted_while_suspended check (deletion_due_at is null or suspended_at is not null),
      add constraint companies_deletion_was_due check (deletion_started_at is null or deletion_due_at is not null);
    -- Not by company: operators list all companies.
    create index companies_newest_first on companies (created_at desc, id desc);
    create index companies_suspended on companies (id) where suspended_at is not null;
    create index companies_deletion_due on companies (deletion_due_at) where deletion_due_at is not null;
    create index refresh_tokens_activity on refresh_tokens (company_id, created_at);

    -- password_expires_at: set for a one-time password, which must be replaced at the first sign-in.
    alter table operators add column password_expires_at timestamptz(3);
    create table operator_logins (
      id uuid primary key default gen_random_uuid(),
      operator_id uuid not null references operators (id) on delete cascade,
      token_hash bytea not null unique check (length(token_hash) = 32),
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null,
      ended_at timestamptz(3)
    );
    create index operator_logins_of_operator on operator_logins (operator_id, created_at desc);
    ${enableRowSecurity("operator_logins")}
    ${systemPolicy("operator_logins", "select, insert, update, delete")}

    ${deletionFunctions}
  `);
}

/** The functions run as the owner. Forced row security applies to the owner too, so each table needs a policy for it. */
const deletionFunctions = `
  create policy companies_deleted_by_owner on companies to current_user using (deletion_started_at is not null);

  create function deleting_company() returns uuid language sql stable
  as $$ select nullif(current_setting('app.deleting_company_id', true), '')::uuid $$;

  -- Called after each migration, so that it includes the tables that later migrations add.
  create function allow_company_deletion() returns void language plpgsql set search_path = public, pg_temp as $$
  declare
    tenant text;
  begin
    for tenant in
      select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'company_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and not a.attisdropped
        and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'company_deletion')
    loop
      execute format('create policy company_deletion on %I to current_user using (company_id = deleting_company())', tenant);
    end loop;
  end $$;

  -- Restricts the transaction's deletions to this company. Fails unless its deletion has begun.
  create function begin_company_deletion(company uuid) returns void language plpgsql
  set search_path = public, pg_temp as $$
  begin
    if not exists (select from companies where id = company and deletion_started_at is not null) then
      raise insufficient_privilege using message = 'the deletion of this company has not begun';
    end if;
    perform set_config('app.deleting_company_id', company::text, true);
  end $$;

  -- Deletes at most about "batch" rows of the company. Returns how many.
  create function delete_company_rows(company uuid, tenant regclass, batch integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    affected integer;
  begin
    perform begin_company_deletion(company);
    execute format(
      'delete from %s where company_id = $1 and ctid = any (array(select ctid from %s where company_id = $1 limit $2))',
      tenant, tenant) using company, batch;
    get diagnostics affected = row_count;
    return affected;
  end $$;

  -- Sets the columns of a foreign key to null, except company_id, so that the rows it refers to can be deleted first.
  create function clear_company_references(company uuid, reference oid, batch integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    tenant regclass;
    assignments text;
    conditions text;
    affected integer;
  begin
    perform begin_company_deletion(company);
    select c.conrelid::regclass, string_agg(format('%I = null', a.attname), ', '),
      string_agg(format('%I is not null', a.attname), ' and ')
    into tenant, assignments, conditions
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
    where c.oid = reference and c.contype = 'f' and a.attname <> 'company_id'
    group by c.conrelid;
    execute format(
      'update %s set %s where company_id = $1 and ctid = any (array(select ctid from %s where company_id = $1 and %s limit $2))',
      tenant, assignments, tenant, conditions) using company, batch;
    get diagnostics affected = row_count;
    return affected;
  end $$;

  -- The last step. Rows that other transactions added meanwhile are deleted with the company.
  create function delete_company(company uuid) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
  begin
    perform begin_company_deletion(company);
    delete from companies where id = company;
  end $$;

  revoke all on function allow_company_deletion, begin_company_deletion, delete_company_rows, clear_company_references,
    delete_company from public;
  grant execute on function delete_company_rows, clear_company_references, delete_company to syszap_system;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function delete_company;
    drop function clear_company_references;
    drop function delete_company_rows;
    drop function begin_company_deletion;
    drop function allow_company_deletion;
    drop function deleting_company cascade; -- with the policies that use it
    drop policy companies_deleted_by_owner on companies;
    drop table operator_logins;
    alter table operators drop column password_expires_at;
    drop index refresh_tokens_activity;
    alter table companies
      drop column suspended_at, drop column deletion_due_at, drop column deletion_started_at, drop column deletion_step,
      drop column deletion_done, drop column deletion_total, drop column deletion_removed,
      drop column deletion_leased_until;
    drop index companies_newest_first;
  `);
}

export const companyLifecycle: Migration = { up, down };
