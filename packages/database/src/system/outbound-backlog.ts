import type { Knex } from "knex";
import { queryOne, queryRows } from "../sql/query.ts";

const isNotSuspended = (alias: string) =>
  `not exists (select from companies c where c.id = ${alias}.company_id and c.suspended_at is not null)`;

export interface SessionKey {
  companyId: string;
  sessionId: string;
}
const beforeAll: SessionKey = {
  companyId: "00000000-0000-0000-0000-000000000000",
  sessionId: "00000000-0000-0000-0000-000000000000",
};
const keyOf = ({ companyId, sessionId }: SessionKey): SessionKey => ({ companyId, sessionId });

/** Steps from session to session in the index `messages_queued`: the cost depends on the number of sessions, not of messages. */
const inspectQueued = `
  with recursive waiting as (
    (select company_id, session_id, 1 as n from messages
     where status = 'queued' and (company_id, session_id) > (:companyId::uuid, :sessionId::uuid)
     order by company_id, session_id limit 1)
    union all
    select next.company_id, next.session_id, w.n + 1
    from waiting w cross join lateral (
      select company_id, session_id from messages
      where status = 'queued' and (company_id, session_id) > (w.company_id, w.session_id)
      order by company_id, session_id limit 1
    ) next
    where w.n < :limit::int
  )
  select w.company_id as "companyId", w.session_id as "sessionId",
    exists (
      select from whatsapp_sessions s where s.company_id = w.company_id and s.id = w.session_id and s.removed_at is null
    ) and exists (
      select from messages m where m.status = 'queued' and m.company_id = w.company_id and m.session_id = w.session_id
        and coalesce(m.next_attempt_at, m.occurred_at) < clock_timestamp() - make_interval(secs => :seconds)
    ) as "isDue"
  from waiting w order by w.n`;

/** Queued messages of all companies. The database role cannot read their text. */
export class OutboundBacklog {
  constructor(private readonly db: Knex) {}

  /**
   * Sessions with a message that could have been sent for `olderThanMs`: its signal was lost, or the session had no owner. Inspects the
   * next `limit` sessions with queued messages after `after`, in the order of their ids. The next call continues after `last`, which is
   * undefined at the end: a session that stays offline for days must not keep others from being found.
   */
  async sessionsWithQueued(
    olderThanMs = 5_000,
    { limit = 1_000, after }: { limit?: number; after?: SessionKey | undefined } = {},
  ): Promise<{ sessions: SessionKey[]; last: SessionKey | undefined }> {
    const inspected = await queryRows<SessionKey & { isDue: boolean }>(this.db, inspectQueued, {
      ...(after ?? beforeAll),
      seconds: olderThanMs / 1_000,
      limit,
    });
    const last = inspected.length < limit ? undefined : inspected.at(-1);
    const sessions = inspected.filter(({ isDue }) => isDue);
    return { sessions: sessions.map(keyOf), last: last && keyOf(last) };
  }

  /** Number and age of the queued messages, without those of removed sessions and of suspended companies. */
  async waiting(): Promise<{ count: number; oldestAt: Date | null }> {
    return queryOne(
      this.db,
      `select count(*)::int as count, min(m.occurred_at) as "oldestAt"
       from messages m join whatsapp_sessions s on s.company_id = m.company_id and s.id = m.session_id
       where m.status = 'queued' and s.removed_at is null and ${isNotSuspended("m")}`,
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
