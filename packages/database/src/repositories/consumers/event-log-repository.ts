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
/** The page's range, repeated for each part of its events. The part is null when the range has no event. */
interface PartRow {
  log_id: string;
  position: string;
  head: string;
  after: string;
  upper: string;
  is_complete: boolean;
  found: number | null;
  count: number | null;
  first: string | null;
  last: string | null;
  events: string | null;
}
/** The oldest event that is still kept. */
export interface OldestKept {
  position: number;
  loggedAt: Date;
}
/** Events of a page together. Longer pages end earlier, after at least one event. */
const maxPageBytes = 4 * 1024 * 1024;
/** Positions that one query inspects for a consumer that selects event types. */
const filteredWindow = 2_000;

/**
 * Events that Postgres joins into one value. Single rows cost Node.js more than this, and values of megabytes cost Postgres more,
 * because it allocates and copies them several times.
 */
const eventsPerPart = 256;

/**
 * Postgres builds the JSON in parts that nothing parses on their way to the consumer. One scan finds the end of the page by the sizes
 * and joins the bodies before it; later bodies are not read. The delimiter of `string_agg` begins each event except the first of a part.
 *
 * `range` is materialized because of row-level security: Postgres uses a condition in an index only if it is leakproof, and
 * `coalesce` and `+` are not. Without it, each page reads the company's whole log.
 */
const readParts = `
  with consumer as (
    select h.id, h.position as head, c.types, c.position, coalesce(:after::bigint, c.position) as after
    from consumers c join event_log_heads h using (company_id)
    where c.company_id = :companyId and c.name = :name
  ), range as materialized (
    select *, after + 1 as next,
      least(head, after + case when types is null then :limit::int else ${filteredWindow} end) as upper from consumer
  )
  select r.id as log_id, r.position, r.head, r.after, r.upper,
    r.after >= r.head or exists (
      select from event_log e where e.company_id = :companyId and e.position = r.next) as is_complete,
    part.*
  from range r left join lateral (
    select count(*)::int as found, count(*) filter (where is_within)::int as count,
      min(position) as first, max(position) filter (where is_within) as last,
      string_agg(body, ',{"position":' || position || ',"cursor":"' || r.id || '.' || position || '",')
        filter (where is_within) as events
    from (
      select position, body, sum(size) over (order by position rows unbounded preceding) - size < ${maxPageBytes} as is_within
      from (
        select position, size, body from event_log
        where company_id = :companyId and position > r.after and position <= r.upper
          and (r.types is null or event_type = any (r.types))
        order by position limit :limit::int
      ) matching
    ) sized
    group by position / ${eventsPerPart}
  ) part on true
  order by part.first`;

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
    const bindings = { companyId: this.scope.companyId, name: consumer, limit, after: after ?? null };
    const parts = await this.scope.prepared.rows<PartRow>(readParts, bindings);
    const [row] = parts;
    if (!row) return undefined;
    const filled = parts.filter(({ count }) => count);
    const found = sum(parts.map((part) => part.found ?? 0));
    const count = sum(filled.map((part) => part.count ?? 0));
    const isCut = found === limit || count < found;
    return {
      logId: row.log_id,
      position: Number(row.position),
      head: Number(row.head),
      after: Number(row.after),
      upTo: Math.max(Number(row.after), Number(isCut ? filled.at(-1)?.last : row.upper)),
      count,
      json: `[${filled.map(toJson).join(",")}]`,
      isComplete: row.is_complete,
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

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
const toJson = ({ log_id, first, events }: PartRow) =>
  `{"position":${first},"cursor":"${toLogCursor(log_id, Number(first))}",${events}`;
