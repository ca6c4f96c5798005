import { queryRow, type Scope } from "../../sql/query.ts";

/** The position of a consumer in the event log. */
export interface ConsumerPosition {
  logId: string;
  /** All events up to it are acknowledged. */
  position: number;
  /** Newest position of the log. */
  head: number;
}
/** Events of the log after position `after`, up to and including position `upTo`. */
export interface LogPage extends ConsumerPosition {
  after: number;
  upTo: number;
  count: number;
  /** The events as a JSON array, each with `position` and `cursor`. */
  json: string;
  /** False when the event after `after` is no longer kept. */
  isComplete: boolean;
}
/** The page's range, repeated for each part of its events. */
interface PartRow {
  log_id: string;
  position: string;
  head: string;
  after: string;
  is_complete: boolean;
  /** Null in the first row, which is no part but the beginning of the page. */
  count: number | null;
  first: string | null;
  events: string | null;
  up_to: string;
}
/** The oldest event that is still kept. */
export interface OldestKept {
  position: number;
  loggedAt: Date;
}
/** A page ends with the part that exceeds this size. */
const maxPageBytes = 4 * 1024 * 1024;
/** Positions that one query inspects for a consumer that selects event types. */
const filteredWindow = 2_000;

/**
 * Positions of a part, whose events Postgres joins into one value. Single rows cost Node.js more than this, and values of megabytes
 * cost Postgres more, because it allocates and copies them several times.
 */
const partPositions = 128;

/**
 * Reads a page part by part, until its end, `limit` events or `maxPageBytes`. Postgres builds the JSON, which nothing parses on its
 * way to the consumer: the delimiter of `string_agg` begins each event except the first of a part. Each part is a separate scan in
 * the order of the index, because one aggregate with groups sorts all bodies first.
 *
 * `range` is materialized, and bounds are columns, because of row-level security: Postgres uses a condition in an index only if it is
 * leakproof, and `coalesce` and `+` are not. Otherwise each page reads the company's whole log.
 */
const readParts = `
  with recursive consumer as (
    select h.id as log_id, c.position, h.position as head, c.types, coalesce(:after::bigint, c.position) as after
    from consumers c join event_log_heads h using (company_id)
    where c.company_id = :companyId and c.name = :name
  ), range as materialized (
    select *, after + 1 as next,
      least(head, after + case when types is null then :limit::int else ${filteredWindow} end) as upper from consumer
  ), page as materialized (
    select *, after >= head or exists (
      select from event_log e where e.company_id = :companyId and e.position = next) as is_complete from range
  ), part as (
    select null::int as count, null::bigint as first, null::text as events, after as up_to,
      least(upper, after + ${partPositions}) as part_end, 0 as total, 0::bigint as bytes from page
    union all
    select e.count, e.first, e.events, u.up_to, least(page.upper, u.up_to + ${partPositions}), part.total + e.count, part.bytes + e.bytes
    from part cross join page cross join lateral (
      select count(*)::int as count, min(position) as first, max(position) as last, coalesce(sum(size), 0) as bytes,
        string_agg(body, ',{"position":' || position || ',"cursor":"' || page.log_id || '.' || position || '",') as events
      from (
        select position, size, body from event_log
        where company_id = :companyId and position > part.up_to and position <= part.part_end
          and (page.types is null or event_type = any (page.types))
        order by position limit :limit::int - part.total
      ) matching
    ) e cross join lateral (
      select case when part.total + e.count = :limit::int then e.last else part.part_end end as up_to
    ) u
    where part.up_to < page.upper and part.total < :limit::int and part.bytes < ${maxPageBytes}
  )
  select page.log_id, page.position, page.head, page.after, page.is_complete, part.count, part.first, part.events, part.up_to
  from page cross join part order by part.up_to, part.count nulls first`;

/** `<log>.<position>`: opaque to clients. */
export const toLogCursor = (logId: string, position: number): string => `${logId}.${position}`;

/** The event log of a company, read by consumers. Positions have no gaps; old days are dropped from the beginning. */
export class EventLogRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when there is no such consumer. */
  async positionOf(consumer: string): Promise<ConsumerPosition | undefined> {
    const [row] = await this.scope.prepared.rows<{ id: string; position: string; head: string }>(
      `select h.id, c.position, h.position as head from consumers c join event_log_heads h using (company_id)
       where c.company_id = :companyId and c.name = :name`,
      { companyId: this.scope.companyId, name: consumer },
    );
    return row && { logId: row.id, position: Number(row.position), head: Number(row.head) };
  }

  /** Reads the events after position `after`, or else after the acknowledged one. Undefined when there is no such consumer. */
  async read(consumer: string, { limit, after }: { limit: number; after?: number }): Promise<LogPage | undefined> {
    const bindings = { name: consumer, limit, after: after ?? null };
    const parts = await this.scope.prepared.rows<PartRow>(readParts, bindings);
    const last = parts.at(-1);
    if (!last) return undefined;
    const filled = parts.filter(({ count }) => count);
    return {
      logId: last.log_id,
      position: Number(last.position),
      head: Number(last.head),
      after: Number(last.after),
      upTo: Number(last.up_to),
      count: filled.reduce((total, { count }) => total + (count ?? 0), 0),
      json: `[${filled.map(toJson).join(",")}]`,
      isComplete: last.is_complete,
    };
  }

  /** Undefined when no event is kept. */
  async oldestKept(): Promise<OldestKept | undefined> {
    const row = await queryRow<{ position: string; logged_at: Date }>(
      this.scope.db,
      "select position, logged_at from event_log where company_id = :companyId order by position limit 1",
      { companyId: this.scope.companyId },
    );
    return row && { position: Number(row.position), loggedAt: row.logged_at };
  }

  /** The position before the first event that was logged at this time or later; the newest position when there is none. */
  async positionAt(at: Date): Promise<number> {
    const { companyId, db } = this.scope;
    const row = await queryRow<{ position: string }>(
      db,
      `select coalesce(
         (select position - 1 from event_log where company_id = :companyId and logged_at >= :at order by position limit 1),
         (select position from event_log_heads where company_id = :companyId), 0) as position`,
      { companyId, at },
    );
    return Number(row?.position ?? 0);
  }
}

const toJson = ({ log_id, first, events }: PartRow) =>
  `{"position":${first},"cursor":"${toLogCursor(log_id, Number(first))}",${events}`;
