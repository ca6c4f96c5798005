import type { Knex } from "knex";
import { queryOne, queryRows } from "../sql/query.ts";

const isNotSuspended = "not exists (select from companies c where c.id = m.company_id and c.suspended_at is not null)";

/** Queued messages of all companies. The database role cannot read their text. */
export class OutboundBacklog {
  constructor(private readonly db: Knex) {}

  /** Sessions with a message that could have been sent for `olderThanMs`: its signal was lost, or the session had no owner. */
  async sessionsWithQueued(olderThanMs = 5_000, limit = 1_000): Promise<{ companyId: string; sessionId: string }[]> {
    return queryRows(
      this.db,
      `select distinct m.company_id as "companyId", m.session_id as "sessionId"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is null
         and ${isNotSuspended}
         and coalesce(m.next_attempt_at, m.occurred_at) < clock_timestamp() - make_interval(secs => :seconds)
       limit :limit`,
      { seconds: olderThanMs / 1_000, limit },
    );
  }

  /** Number and age of the queued messages, without those of removed sessions and of suspended companies. */
  async waiting(): Promise<{ count: number; oldestAt: Date | null }> {
    return queryOne(
      this.db,
      `select count(*)::int as count, min(m.occurred_at) as "oldestAt"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is null and ${isNotSuspended}`,
    );
  }

  /** Removed sessions with messages that were queued during the removal, which will never be sent. */
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
