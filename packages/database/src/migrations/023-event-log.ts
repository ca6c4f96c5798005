import type { Knex } from "knex";
import type { Migration } from "./migration.ts";
import { companyPolicy, enableRowSecurity, systemPolicy } from "./row-security.ts";

/**
 * The events of each company in the order of its Redis log, for consumers (decision 042). `position` has no gaps. `epoch` and `seq` are
 * the position in the Redis log; a new Redis log has a new epoch.
 */
async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table event_log (
      company_id uuid not null,
      position bigint not null,
      epoch bigint not null,
      seq bigint not null,
      event_id uuid not null,
      event_type text not null,
      size integer not null,
      body text not null,
      logged_at timestamptz not null,
      primary key (company_id, position, logged_at)
    ) partition by range (logged_at);
    ${enableRowSecurity("event_log")}
    ${companyPolicy("event_log", "select")}
    ${systemPolicy("event_log", "select, insert")}

    -- id: part of each cursor, so that a cursor of another log is refused. The other columns describe the newest event.
    create table event_log_heads (
      company_id uuid primary key references companies (id) on delete cascade,
      id text not null default substr(md5(gen_random_uuid()::text), 1, 8),
      position bigint not null default 0,
      epoch bigint not null default 0,
      seq bigint not null default 0
    ) with (fillfactor = 50);
    ${enableRowSecurity("event_log_heads")}
    ${companyPolicy("event_log_heads", "select, insert")}
    ${systemPolicy("event_log_heads", "select, insert, update")}

    -- Published events that may have a predecessor whose position is not recorded yet.
    create table event_log_waiting (
      company_id uuid not null references companies (id) on delete cascade,
      event_id uuid not null,
      epoch bigint not null,
      seq bigint not null,
      event_type text not null,
      body text not null,
      waiting_since timestamptz not null,
      primary key (company_id, event_id)
    );
    ${enableRowSecurity("event_log_waiting")}
    ${systemPolicy("event_log_waiting", "select, insert, delete")}

    -- types: null selects all. position: all events up to it are acknowledged.
    create table consumers (
      company_id uuid not null references companies (id) on delete cascade,
      name text not null check (length(name) <= 64),
      types text[] check (cardinality(types) > 0),
      position bigint not null,
      created_at timestamptz(3) not null default now(),
      acknowledged_at timestamptz(3),
      primary key (company_id, name)
    ) with (fillfactor = 80);
    ${enableRowSecurity("consumers")}
    ${companyPolicy("consumers", "select, insert, update, delete")}
    ${systemPolicy("consumers", "select")}

    ${partitionFunctions}
    ${logPublished}
    select extend_event_log();
    revoke all on function extend_event_log, trim_event_log, log_published from public;
    grant execute on function extend_event_log, trim_event_log, log_published to syszap_system;
  `);
}

/**
 * Only the owner may create and drop tables, so these run as the owner. A partition holds one day in UTC. Creating it separately and
 * attaching it needs a weaker lock than "create table … partition of", which would wait for readers. Partitions have no policy: they
 * are read through \`event_log\` only.
 */
const partitionFunctions = `
  create function extend_event_log() returns void language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '2s' set timezone = 'UTC' as $$
  declare
    day date;
    part text;
  begin
    perform pg_advisory_xact_lock(hashtext('event_log partitions'));
    for ahead in 0..7 loop
      day := current_date + ahead;
      part := 'event_log_' || to_char(day, 'YYYYMMDD');
      if to_regclass(part) is null then
        execute format('create table %I (like event_log including all)', part);
        execute format('alter table %I enable row level security, force row level security', part);
        execute format('alter table event_log attach partition %I for values from (%L) to (%L)',
          part, day::timestamptz, (day + 1)::timestamptz);
      end if;
    end loop;
  end $$;

  -- Drops the partitions of days that ended more than "days" days ago. Returns their number.
  create function trim_event_log(days integer) returns integer language plpgsql security definer
  set search_path = public, pg_temp set lock_timeout = '2s' set timezone = 'UTC' as $$
  declare
    part record;
    dropped integer := 0;
  begin
    if days < 1 then
      raise invalid_parameter_value using message = 'events are kept for at least one day';
    end if;
    perform pg_advisory_xact_lock(hashtext('event_log partitions'));
    for part in
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'event_log'::regclass
        and c.relname < 'event_log_' || to_char(now() - make_interval(days => days), 'YYYYMMDD')
      order by 1
    loop
      execute format('drop table %I', part.relname);
      dropped := dropped + 1;
    end loop;
    return dropped;
  end $$;`;

/** The JSON that consumers receive, without its "{", so that the position can be put in front of it. */
export const eventBody = `'"type":' || (event -> 'type')::text || ',"id":' || (event -> 'id')::text
  || ',"version":' || (event -> 'version')::text || ',"data":' || (event -> 'data')::text || '}'`;

/**
 * Marks outbox rows as published and appends their events to the log. The last four arguments describe one event each: row, index
 * within the row, epoch, seq.
 *
 * An event is appended when all its predecessors are. If a predecessor is missing, the event waits until no unpublished row is older
 * than the event's arrival: then no row can contain a missing predecessor, because a row is committed before it is published. A row
 * that cannot be published delays the log by 30 s at most; its events are appended later. A row that a sweep has locked is left to the sweep.
 */
export const logPublished = `
  create function log_published(company uuid, published uuid[], of_rows uuid[], places integer[], epochs bigint[], seqs bigint[])
  returns void language plpgsql as $$
  declare
    head event_log_heads;
    arrived_at timestamptz;
    oldest timestamptz;
    appended bigint;
    last_epoch bigint;
    last_seq bigint;
    blocked bigint;
  begin
    select * into head from event_log_heads where company_id = company for update;
    if not found then
      insert into event_log_heads (company_id) values (company) on conflict do nothing;
      select * into head from event_log_heads where company_id = company for update;
    end if;
    -- Read while the head is locked, so that it grows with the position and a dropped day is the beginning of the log.
    arrived_at := clock_timestamp();
    if to_regclass('event_log_' || to_char(arrived_at at time zone 'UTC', 'YYYYMMDD')) is null then
      perform extend_event_log();
    end if;

    with marked as (
      update outbox set published_at = now()
      where company_id = company and id in (
        select id from outbox where company_id = company and id = any (published) and published_at is null
        for update skip locked)
      returning id, events
    ), pending as (
      select at.epoch, at.seq, (event ->> 'id')::uuid as event_id, event ->> 'type' as event_type, ${eventBody} as body,
        false as has_waited
      from marked cross join lateral json_array_elements(marked.events) with ordinality listed (event, place)
      join unnest(of_rows, places, epochs, seqs) at (id, place, epoch, seq) on at.id = marked.id and at.place = listed.place
      where event -> 'audience' ->> 'kind' = 'company'
      union all
      select epoch, seq, event_id, event_type, body, true from event_log_waiting where company_id = company
    ), numbered as (
      select *, row_number() over (order by epoch, seq) as n from pending
    ), decided as (
      select *, bool_and(epoch = head.epoch and seq = head.seq + n) over (order by n) as is_next from numbered
    ), added as (
      insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
      select company, head.position + n, epoch, seq, event_id, event_type, octet_length(body), body, arrived_at
      from decided where is_next
    ), freed as (
      delete from event_log_waiting w using decided d
      where w.company_id = company and w.event_id = d.event_id and d.is_next and d.has_waited
    ), kept as (
      insert into event_log_waiting (company_id, event_id, epoch, seq, event_type, body, waiting_since)
      select company, event_id, epoch, seq, event_type, body, arrived_at
      from decided where not is_next and not has_waited
      on conflict do nothing
    )
    select count(*) filter (where is_next), count(*) filter (where not is_next) into appended, blocked from decided;
    head.position := head.position + appended;
    head.seq := head.seq + appended;

    if blocked > 0 then
      oldest := (select min(created_at) from outbox where company_id = company and published_at is null);
      with complete as (
        select epoch, seq from event_log_waiting where company_id = company
          and (oldest is null or waiting_since < oldest or waiting_since < arrived_at - interval '30 seconds')
        order by epoch desc, seq desc limit 1
      ), freed as (
        delete from event_log_waiting w using complete c
        where w.company_id = company and (w.epoch, w.seq) <= (c.epoch, c.seq)
        returning w.*
      ), fresh as (
        -- An event that two transactions emitted has one position in Redis, and is logged once.
        select * from freed f where (f.epoch, f.seq) > (head.epoch, head.seq) or not exists (
          select from event_log e where e.company_id = company and e.position > head.position - 2000
            and e.event_id = f.event_id and e.epoch = f.epoch and e.seq = f.seq)
      ), numbered as (
        select *, row_number() over (order by epoch, seq) as n from fresh
      ), added as (
        insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
        select company, head.position + n, epoch, seq, event_id, event_type, octet_length(body), body, arrived_at from numbered
        returning position, epoch, seq
      )
      select count(*), (array_agg(epoch order by position desc))[1], (array_agg(seq order by position desc))[1]
      into appended, last_epoch, last_seq from added;
      head.position := head.position + appended;
      head.epoch := coalesce(last_epoch, head.epoch);
      head.seq := coalesce(last_seq, head.seq);
    end if;

    update event_log_heads set position = head.position, epoch = head.epoch, seq = head.seq
    where company_id = company and position <> head.position;
  end $$;`;

async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function log_published;
    drop function trim_event_log;
    drop function extend_event_log;
    drop table consumers;
    drop table event_log_waiting;
    drop table event_log_heads;
    drop table event_log;
  `);
}

export const eventLog: Migration = { up, down };
