import { queryRow, type Scope } from "../../sql/query.ts";

/** Where a consumer reads. */
export interface ReadFrom {
  logId: string;
  /** All events up to this position are acknowledged. */
  position: number;
  /** Newest position of the log. */
  head: number;
  types: string[] | null;
}
export interface LoggedEvent {
  position: number;
  /** JSON object: type, id, version, data. */
  body: string;
}
/** Events of the log after `from`, up to and including position `upTo`. */
export interface LogPage {
  events: LoggedEvent[];
  upTo: number;
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

/** `<log>.<position>`: opaque to clients. */
export const toLogCursor = (logId: string, position: number): string => `${logId}.${position}`;

/** The event log of a company, read by consumers. Positions have no gaps; old days are dropped from the beginning. */
export class EventLogRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when there is no such consumer. */
  async start(consumer: string): Promise<ReadFrom | undefined> {
    const [row] = await this.scope.prepared.rows<{
      id: string;
      position: string;
      head: string;
      types: string[] | null;
    }>(
      `select h.id, c.position, h.position as head, c.types from consumers c join event_log_heads h using (company_id)
       where c.company_id = :companyId and c.name = :name`,
      { companyId: this.scope.companyId, name: consumer },
    );
    return row && { logId: row.id, position: Number(row.position), head: Number(row.head), types: row.types };
  }

  /** Reads the events after `from.position`. Undefined when older events than the ones that are kept would belong to the page. */
  async read(from: ReadFrom, limit: number): Promise<LogPage | undefined> {
    if (from.head <= from.position) return { events: [], upTo: from.position };
    return from.types === null ? this.readAll(from, limit) : this.readTypes(from, from.types, limit);
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

  private async readAll(from: ReadFrom, limit: number): Promise<LogPage | undefined> {
    const { events } = await this.rows("", { position: from.position, limit });
    if (events[0]?.position !== from.position + 1) return undefined;
    return { events, upTo: events.at(-1)?.position ?? from.position };
  }

  private async readTypes(from: ReadFrom, types: string[], limit: number): Promise<LogPage | undefined> {
    const windowEnd = Math.min(from.position + filteredWindow, from.head);
    const next = await queryRow(
      this.scope.db,
      "select 1 from event_log where company_id = :companyId and position = :position::bigint",
      { companyId: this.scope.companyId, position: from.position + 1 },
    );
    if (!next) return undefined;
    const { events, found } = await this.rows(
      "and position <= :windowEnd::bigint and event_type = any(:types::text[])",
      { position: from.position, limit, windowEnd, types },
    );
    const isCut = found === limit || events.length < found;
    return { events, upTo: isCut ? (events.at(-1)?.position ?? windowEnd) : windowEnd };
  }

  /** Events up to `limit` and `maxPageBytes`, and how many there would be without the latter. */
  private async rows(
    condition: string,
    bindings: Record<string, unknown>,
  ): Promise<{ events: LoggedEvent[]; found: number }> {
    const rows = await this.scope.prepared.rows<{ position: string; body: string; found: number }>(
      `select position, body, found from (
         select position, body, sum(size) over (order by position) - size as bytes_before, count(*) over ()::int as found
         from (
           select position, size, body from event_log
           where company_id = :companyId and position > :position::bigint ${condition}
           order by position limit :limit::int
         ) first
       ) counted where bytes_before < ${maxPageBytes} order by position`,
      { companyId: this.scope.companyId, ...bindings },
    );
    const events = rows.map(({ position, body }) => ({ position: Number(position), body }));
    return { events, found: rows[0]?.found ?? 0 };
  }
}
