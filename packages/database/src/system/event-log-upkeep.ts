import type { Knex } from "knex";
import { logPublished } from "../outbox.ts";
import { queryOne, queryRows } from "../sql/query.ts";

/** How far the consumers of all companies are behind. */
export interface ConsumerLag {
  consumers: number;
  /** Of the consumer with the most events that are not acknowledged. */
  maxEventsBehind: number;
  /** When the oldest event was logged that a consumer has not acknowledged and that is still kept. */
  oldestUnacknowledgedAt: Date | null;
}

/** Work on the event logs of all companies (decision 042). */
export class EventLogUpkeep {
  constructor(private readonly db: Knex) {}

  /** Newest position of each company that has a log. */
  async heads(companyIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await queryRows<{ companyId: string; position: string }>(
      this.db,
      `select company_id as "companyId", position from event_log_heads where company_id = any(:companyIds::uuid[])`,
      { companyIds: [...companyIds] },
    );
    return new Map(rows.map(({ companyId, position }) => [companyId, Number(position)]));
  }

  /** Logs waiting events whose missing predecessors cannot arrive any more. */
  async logWaiting(): Promise<void> {
    const rows = await queryRows<{ companyId: string }>(
      this.db,
      `select distinct company_id as "companyId" from event_log_waiting limit 1000`,
    );
    for (const { companyId } of rows) await logPublished(this.db, [], [companyId]);
  }

  /** Creates the partitions of the next days, and drops those that ended more than `days` days ago. Returns how many. */
  async maintain(days: number): Promise<number> {
    await queryRows(this.db, "select extend_event_log()");
    const { dropped } = await queryOne<{ dropped: number }>(this.db, "select trim_event_log(:days) as dropped", {
      days,
    });
    return dropped;
  }

  lag(): Promise<ConsumerLag> {
    return queryOne<ConsumerLag>(
      this.db,
      `select count(*)::int as consumers, coalesce(max(h.position - c.position), 0)::float8 as "maxEventsBehind",
         min(next.logged_at) as "oldestUnacknowledgedAt"
       from consumers c join event_log_heads h using (company_id)
       left join lateral (
         select logged_at from event_log e
         where h.position > c.position and e.company_id = c.company_id and e.position > c.position
         order by e.position limit 1
       ) next on true`,
    );
  }
}
