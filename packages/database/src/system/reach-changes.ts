import type { Knex } from "knex";
import { queryRows } from "../sql/query.ts";

/** A change of who sees what, after which all earlier events are published. */
export interface SettledReachChange {
  companyId: string;
  changeId: string;
  /** True when an event from before the change may have been published after it, with an old audience. */
  mustRepeat: boolean;
}

const earlier = "o.company_id = r.company_id and o.created_at <= r.changed_at";

/** Recent changes of who sees what, of all companies. */
export class SettledReachChanges {
  constructor(private readonly db: Knex) {}

  /** Oldest first. A change is listed once no event from before it is unpublished. */
  list(limit: number): Promise<SettledReachChange[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", id as "changeId",
         exists (select from outbox o where ${earlier} and o.published_at > r.changed_at) as "mustRepeat"
       from reach_changes r
       where not exists (select from outbox o where ${earlier} and o.published_at is null)
       order by changed_at limit :limit`,
      { limit },
    );
  }
}
