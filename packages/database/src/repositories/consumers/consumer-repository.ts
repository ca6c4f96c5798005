import type { Consumer, DurableType } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import { queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { isoOf } from "../../sql/timestamps.ts";
import { toLogCursor } from "./event-log-repository.ts";

interface ConsumerRow {
  name: string;
  types: DurableType[] | null;
  position: string;
  created_at: Date;
  acknowledged_at: Date | null;
  log_id: string;
  head: string;
  oldest_at: Date | null;
}
const columns = `c.name, c.types, c.position, c.created_at, c.acknowledged_at, h.id as log_id, h.position as head,
  (select logged_at from event_log e where h.position > c.position and e.company_id = c.company_id
     and e.position > c.position order by e.position limit 1) as oldest_at`;
const from = "from consumers c join event_log_heads h on h.company_id = c.company_id";

/** The named consumers of a company. Each has acknowledged all events up to a position of the event log. */
export class ConsumerRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Creates a consumer that starts after the newest event, or returns the existing one. `limit_reached` when the company has `limit`
   * consumers. Creations in one company run one after the other, so the limit is exact.
   */
  async create(name: string, types: readonly DurableType[] | null, limit: number): Promise<Consumer | "limit_reached"> {
    const { db, companyId } = this.scope;
    lockNames(this.scope, [["consumers", companyId]]);
    await queryRows(db, "insert into event_log_heads (company_id) values (:companyId) on conflict do nothing", {
      companyId,
    });
    await queryRows(
      db,
      `insert into consumers (company_id, name, types, position)
       select company_id, :name, :types::text[], position from event_log_heads
       where company_id = :companyId and (select count(*) from consumers where company_id = :companyId) < :limit
       on conflict do nothing`,
      { companyId, name, types: types && [...types], limit },
    );
    return (await this.find(name)) ?? "limit_reached";
  }

  /** By name. */
  async list(): Promise<Consumer[]> {
    const rows = await queryRows<ConsumerRow>(
      this.scope.db,
      `select ${columns} ${from} where c.company_id = :companyId order by c.name`,
      { companyId: this.scope.companyId },
    );
    return rows.map(toConsumer);
  }

  async find(name: string): Promise<Consumer | undefined> {
    const row = await queryRow<ConsumerRow>(
      this.scope.db,
      `select ${columns} ${from} where c.company_id = :companyId and c.name = :name`,
      { companyId: this.scope.companyId, name },
    );
    return row && toConsumer(row);
  }

  /** False when there is no such consumer. */
  async remove(name: string): Promise<boolean> {
    const row = await queryRow(
      this.scope.db,
      "delete from consumers where company_id = :companyId and name = :name returning name",
      { companyId: this.scope.companyId, name },
    );
    return row !== undefined;
  }

  /** Acknowledges all events up to `position`. An earlier position than the present one has no effect. */
  acknowledge(name: string, position: number): Promise<Consumer | undefined> {
    return this.move(name, "greatest(position, :position::bigint)", position);
  }

  /** Makes `position` the newest acknowledged one, also when it is earlier. */
  seek(name: string, position: number): Promise<Consumer | undefined> {
    return this.move(name, ":position::bigint", position);
  }

  private async move(name: string, target: string, position: number): Promise<Consumer | undefined> {
    const row = await queryRow<{ name: string }>(
      this.scope.db,
      `update consumers set position = ${target}, acknowledged_at = now()
       where company_id = :companyId and name = :name returning name`,
      { companyId: this.scope.companyId, name, position },
    );
    return row === undefined ? undefined : this.find(name);
  }
}

const toConsumer = (row: ConsumerRow): Consumer => ({
  name: row.name,
  types: row.types,
  cursor: toLogCursor(row.log_id, Number(row.position)),
  eventsBehind: Number(row.head) - Number(row.position),
  oldestUnacknowledgedAt: isoOf(row.oldest_at),
  acknowledgedAt: isoOf(row.acknowledged_at),
  createdAt: row.created_at.toISOString(),
});
