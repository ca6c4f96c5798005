import type { Knex } from "knex";
import { queryOne, queryRows } from "../sql/query.ts";

const keptDays = 3;

/** Facts of all companies that wait for their message. */
export class OldPendingFacts {
  constructor(private readonly db: Knex) {}

  /** Deletes facts that have waited for three days, whose messages will not arrive any more. Returns how many. */
  async deleteOld(limit = 5_000): Promise<number> {
    const rows = await queryRows(
      this.db,
      `delete from pending_facts where (company_id, session_id, direction, wa_key, fact_id) in (
         select company_id, session_id, direction, wa_key, fact_id from pending_facts
         where kept_at < now() - make_interval(days => :keptDays::int)
         order by kept_at limit :limit for update skip locked
       ) returning 1 as one`,
      { keptDays, limit },
    );
    return rows.length;
  }

  async count(): Promise<number> {
    const { count } = await queryOne<{ count: string }>(this.db, "select count(kept_at) as count from pending_facts");
    return Number(count);
  }
}
