import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/**
 * Lets `syszap_backup` read every row (decision 089). A role with BYPASSRLS would do the same, but only superusers may create one, and
 * databases of providers have none.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Called after each migration and before each backup, so that it includes tables and partitions that were added since.
    create function allow_backup() returns void language plpgsql security definer
    set search_path = public, pg_temp set lock_timeout = '5s' as $$
    declare
      relation record;
    begin
      for relation in
        select c.relname as name, c.relkind as kind, c.relrowsecurity as is_secured, c.oid from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S')
      loop
        if relation.kind = 'S' then
          if not has_sequence_privilege('syszap_backup', relation.oid, 'select') then
            execute format('grant select on sequence %I to syszap_backup', relation.name);
          end if;
          continue;
        end if;
        if not has_table_privilege('syszap_backup', relation.oid, 'select') then
          execute format('grant select on %I to syszap_backup', relation.name);
        end if;
        if relation.is_secured
          and not exists (select from pg_policy p where p.polrelid = relation.oid and p.polname = 'backup') then
          execute format('create policy backup on %I for select to syszap_backup using (true)', relation.name);
        end if;
      end loop;
    end $$;
    revoke all on function allow_backup from public;
    grant execute on function allow_backup to syszap_backup;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function allow_backup;
    do $$
    declare
      relation text;
    begin
      for relation in
        select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid and p.polname = 'backup'
        where c.relnamespace = 'public'::regnamespace
      loop
        execute format('drop policy backup on %I', relation);
      end loop;
    end $$;
    revoke all on all tables in schema public from syszap_backup;
    revoke all on all sequences in schema public from syszap_backup;
  `);
}

export const backup: Migration = { up, down };
