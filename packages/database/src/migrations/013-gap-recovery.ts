import type { Knex } from "knex";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- linked_at: when the phone that is linked now was linked; what is older is history.
    -- missed_since: from when on WhatsApp must be asked again, since nobody may have heard it; null: everything was heard.
    alter table whatsapp_sessions add column linked_at timestamptz(3), add column missed_since timestamptz(3);
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw("alter table whatsapp_sessions drop column linked_at, drop column missed_since;");
}

export const gapRecovery: Knex.Migration = { up, down };
