import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

/**
 * A number may be connected in only one session of all companies. Row-level security hides the sessions of other companies, so a
 * function that runs as the owner makes the check, and returns only yes or no.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Number of the phone to be linked by a pairing code; null: it is linked by QR code.
    alter table whatsapp_sessions add column pairing_number text;
    create index whatsapp_sessions_by_number on whatsapp_sessions (phone_number)
      where removed_at is null and desired_state = 'running';

    create policy whatsapp_sessions_compared_by_owner on whatsapp_sessions for select to current_user using (true);

    -- Locks the number until the transaction ends, so that concurrent checks of one number run one after another.
    -- A session that starts or syncs is not connected yet; it makes the same check when it connects.
    create function is_number_in_use(number text, own_session uuid) returns boolean language plpgsql volatile security definer
    set search_path = pg_catalog, public, pg_temp as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('whatsapp number ' || number, 0));
      return exists (
        select from public.whatsapp_sessions s
        where s.phone_number = number and s.id <> own_session and s.removed_at is null and s.desired_state = 'running'
          and s.detail in ('connected', 'reconnecting', 'conflict', 'action_required')
      );
    end $$;
    revoke all on function is_number_in_use from public;
    grant execute on function is_number_in_use to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function is_number_in_use;
    drop policy whatsapp_sessions_compared_by_owner on whatsapp_sessions;
    drop index whatsapp_sessions_by_number;
    alter table whatsapp_sessions drop column pairing_number;
  `);
}

export const phonePairing: Migration = { up, down };
