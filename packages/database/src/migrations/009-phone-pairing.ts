import type { Knex } from "knex";

/**
 * A number may be connected in one session of all companies. Row-level security hides the others, so the question is asked as
 * the owner, in a function that answers with yes or no alone.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Of the phone that is to be linked by a code typed on it; null: by QR code.
    alter table whatsapp_sessions add column pairing_number text;
    create index whatsapp_sessions_by_number on whatsapp_sessions (phone_number)
      where removed_at is null and desired_state = 'running';

    create policy whatsapp_sessions_compared_by_owner on whatsapp_sessions for select to current_user using (true);

    -- Waits for whoever asks about the same number until their transaction ends: of two that connect at once, one is first.
    -- A session that starts or syncs is not connected yet: it asks the same question when it is.
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

export const phonePairing: Knex.Migration = { up, down };
