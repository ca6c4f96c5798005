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
interface PageRow {
  log_id: string;
  position: string;
  head: string;
  after: string;
  upper: string;
  is_complete: boolean;
  found: number;
  count: number;
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
 * Postgres builds the JSON, so a page is one value that nothing parses on its way to the consumer. The end of the page is found first,
 * from the sizes alone.
 */
const readPage = `
  with consumer as (
    select h.id, h.position as head, c.types, c.position, coalesce(:after::bigint, c.position) as after
    from consumers c join event_log_heads h using (company_id)
    where c.company_id = :companyId and c.name = :name
  ), range as (
    select *, least(head, after + case when types is null then :limit::int else ${filteredWindow} end) as upper from consumer
  ), page as (
    select r.*, cut.* from range r cross join lateral (
      select count(*)::int as found, count(*) filter (where bytes_before < ${maxPageBytes})::int as count,
        max(position) filter (where bytes_before < ${maxPageBytes}) as last
      from (
        select position, sum(size) over (order by position rows unbounded preceding) - size as bytes_before
        from (
          select position, size from event_log
          where company_id = :companyId and position > r.after and position <= r.upper
            and (r.types is null or event_type = any (r.types))
          order by position limit :limit::int
        ) first
      ) sized
    ) cut
  )
  select p.id as log_id, p.position, p.head, p.after, p.upper, p.found, p.count, p.last,
    p.after >= p.head or exists (
      select from event_log e where e.company_id = :companyId and e.position = p.after + 1) as is_complete,
    (select string_agg('{"position":' || e.position || ',"cursor":"' || p.id || '.' || e.position || '",' || e.body, ',')
     from (
       select position, body from event_log
       where company_id = :companyId and position > p.after and position <= p.last
         and (p.types is null or event_type = any (p.types))
       order by position limit :limit::int
     ) e) as events
  from page p`;

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
    const [row] = await this.scope.prepared.rows<PageRow>(readPage, bindings);
    if (!row) return undefined;
    const isCut = row.found === limit || row.count < row.found;
    return {
      logId: row.log_id,
      position: Number(row.position),
      head: Number(row.head),
      after: Number(row.after),
      upTo: Math.max(Number(row.after), Number(isCut ? row.last : row.upper)),
      count: row.count,
      json: `[${row.events ?? ""}]`,
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
