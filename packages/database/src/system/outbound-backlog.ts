import type { Knex } from "knex";
import { queryOne, queryRows } from "../sql/query.ts";

/** Rows that wait to be sent, whoever's they are. Sees where they are, not what they say. */
export class OutboundBacklog {
  constructor(private readonly db: Knex) {}

  /** Sessions with a row that could have been sent since `olderThanMs`: their signal was lost, or their owner was away. */
  async sessionsWithQueued(olderThanMs = 5_000, limit = 1_000): Promise<{ companyId: string; sessionId: string }[]> {
    return queryRows(
      this.db,
      `select distinct m.company_id as "companyId", m.session_id as "sessionId"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is null
         and coalesce(m.next_attempt_at, m.occurred_at) < clock_timestamp() - make_interval(secs => :seconds)
       limit :limit`,
      { seconds: olderThanMs / 1_000, limit },
    );
  }

  /** How many, and since when the first of them. Those of removed sessions are never sent, and not counted. */
  async waiting(): Promise<{ count: number; oldestAt: Date | null }> {
    return queryOne(
      this.db,
      `select count(*)::int as count, min(m.occurred_at) as "oldestAt"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is null`,
    );
  }

  /** Removed sessions with rows that were queued while they were being removed: nobody will ever send them. */
  async removedWithQueued(limit = 100): Promise<{ companyId: string; sessionId: string }[]> {
    return queryRows(
      this.db,
      `select distinct m.company_id as "companyId", m.session_id as "sessionId"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is not null limit :limit`,
      { limit },
    );
  }
}
