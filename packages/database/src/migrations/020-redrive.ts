import type { Knex } from "knex";
import type { Migration } from "./migration.ts";

async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- resting: not redriven. redriving: redriven, outcome unknown. solved, discarded: closed, without a payload.
    -- failures: how often its job failed for good. handed_at: when a worker last claimed the job to queue it again.
    alter table dead_letters
      add column state text not null default 'resting' check (state in ('resting', 'redriving', 'solved', 'discarded')),
      add column failures integer not null default 1 check (failures > 0),
      add column redriven_at timestamptz(3),
      add column handed_at timestamptz(3),
      add column closed_at timestamptz(3),
      add column note text;

    -- One letter for each job: the newest stays, and counts the older ones.
    -- The owner runs this statement, and forced row security would hide the rows from it.
    alter table dead_letters no force row level security;
    update dead_letters d set failures = (
      select count(*) from dead_letters o
      where o.queue = d.queue and o.job_id = d.job_id and o.company_id is not distinct from d.company_id);
    delete from dead_letters d using dead_letters n
      where n.queue = d.queue and n.job_id = d.job_id and n.company_id is not distinct from d.company_id
        and (n.failed_at, n.id) > (d.failed_at, d.id);
    alter table dead_letters force row level security;
    alter table dead_letters drop constraint dead_letters_queue_job_id_failed_at_key;
    alter table dead_letters
      add constraint dead_letters_of_job unique nulls not distinct (queue, job_id, company_id);

    create index dead_letters_redriving on dead_letters (handed_at) where state = 'redriving';
    create index dead_letters_closed on dead_letters (closed_at) where closed_at is not null;
    grant update on dead_letters to syszap_app;
  `);
}

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    revoke update on dead_letters from syszap_app;
    drop index dead_letters_redriving, dead_letters_closed;
    alter table dead_letters drop constraint dead_letters_of_job;
    alter table dead_letters add constraint dead_letters_queue_job_id_failed_at_key unique (queue, job_id, failed_at);
    alter table dead_letters drop column state, drop column failures, drop column redriven_at, drop column handed_at,
      drop column closed_at, drop column note;
  `);
}

export const redrive: Migration = { up, down };
