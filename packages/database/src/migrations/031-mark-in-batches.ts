import type { Knex } from "knex";
import { eventBody } from "./023-event-log.ts";
import type { Migration } from "./migration.ts";

/**
 * Marks and logs published rows of many companies in one call. `log_published` (migration 023) handles one company per call; processes of
 * the previous release use it during a rolling update.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ${logPublishedRows}
    revoke all on function log_published_rows from public;
    grant execute on function log_published_rows to syszap_system;
  `);
}

/**
 * The JSON that consumers receive, without its "{", so that the position can be put in front of it. Processes store an event as its
 * audience and then this text, so it is cut out: parsing the event for each field took most of the time of a mark. The rows of the
 * previous release begin with another field.
 */
const storedBody = `case when starts_with(event::text, '{"audience":') then substr(event::text, at.skipped + 1)
  else ${eventBody} end`;

/**
 * `companies` and `rows` name one outbox row each; of further companies without a row, only the waiting events are looked at. The other
 * arguments describe one event each: number of its outbox row, place within the row, epoch, seq, id, type, and the number of characters
 * before its body. Both numbers begin at 1.
 *
 * The rules are those of `log_published`: an event is appended when all its predecessors are; otherwise it waits until no unpublished
 * row of the company is older than the event's arrival, or for 30 s. A row that a sweep has locked is left to the sweep.
 */
const logPublishedRows = `
  create function log_published_rows(companies uuid[], rows uuid[], of_rows integer[], places integer[], epochs bigint[], seqs bigint[],
    ids uuid[], types text[], skipped integer[])
  returns void language plpgsql
  -- Small batches would spend more time on planning than on the work.
  set plan_cache_mode = force_generic_plan as $$
  declare
    arrived_at timestamptz;
    blocked uuid[];
  begin
    insert into event_log_heads (company_id)
    select distinct company from unnest(companies) company
    where not exists (select from event_log_heads h where h.company_id = company)
    on conflict do nothing;
    -- In one order for all callers, so that they never wait for each other in a circle.
    perform from event_log_heads where company_id = any (companies) order by company_id for update;
    -- Read while the heads are locked, so that it grows with the position and a dropped day is the beginning of the log.
    arrived_at := clock_timestamp();
    if to_regclass('event_log_' || to_char(arrived_at at time zone 'UTC', 'YYYYMMDD')) is null then
      perform extend_event_log();
    end if;

    with listed as (
      select * from unnest(companies, rows) with ordinality as listed (company, id, n)
    ), locked as (
      select l.n, o.company_id, o.id from listed l join outbox o on o.company_id = l.company and o.id = l.id
      where o.published_at is null for update of o skip locked
    ), marked as (
      update outbox o set published_at = now() from locked l where o.company_id = l.company_id and o.id = l.id
      returning o.company_id, o.events, l.n
    ), pending as (
      select m.company_id as company, at.epoch, at.seq, at.id as event_id, at.type as event_type, ${storedBody} as body,
        false as has_waited
      from marked m cross join lateral json_array_elements(m.events) with ordinality listed (event, place)
      join unnest(of_rows, places, epochs, seqs, ids, types, skipped) at (n, place, epoch, seq, id, type, skipped)
        on at.n = m.n and at.place = listed.place
      union all
      select company_id, epoch, seq, event_id, event_type, body, true from event_log_waiting where company_id = any (companies)
    ), numbered as (
      select p.*, h.position + p.n as position, p.epoch = h.epoch and p.seq = h.seq + p.n as is_successor
      from (select *, row_number() over (partition by company order by epoch, seq) as n from pending) p
      join event_log_heads h on h.company_id = p.company
    ), decided as (
      select *, bool_and(is_successor) over (partition by company order by n) as is_next from numbered
    ), added as (
      insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
      select company, position, epoch, seq, event_id, event_type, octet_length(body), body, arrived_at from decided where is_next
    ), freed as (
      delete from event_log_waiting w using decided d
      where w.company_id = d.company and w.event_id = d.event_id and d.is_next and d.has_waited
    ), kept as (
      insert into event_log_waiting (company_id, event_id, epoch, seq, event_type, body, waiting_since)
      select company, event_id, epoch, seq, event_type, body, arrived_at from decided where not is_next and not has_waited
      on conflict do nothing
    ), advanced as (
      update event_log_heads h set position = h.position + d.appended, seq = h.seq + d.appended
      from (select company, count(*) as appended from decided where is_next group by company) d where h.company_id = d.company
    )
    select array_agg(distinct company) into blocked from decided where not is_next;

    -- Rare: a predecessor is missing.
    if blocked is not null then
      perform log_published(company, '{}', '{}', '{}', '{}', '{}') from unnest(blocked) company;
    end if;
  end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw("drop function log_published_rows");
}

export const markInBatches: Migration = { up, down };
