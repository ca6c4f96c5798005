import type { Scope } from "../../sql/query.ts";
import { holdsLease, type SessionLease } from "./session-lease.ts";

/** The period whose WhatsApp messages may not all have been received. */
export interface Gap {
  missedSince: Date;
  /** When the phone was linked; null while none is linked. */
  linkedAt: Date | null;
}

/** Gaps in what sessions received. A gap stays open until everything in it was fetched. */
export class SessionGapRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Opens the session's gap, or extends an open one. It starts at the earliest of: the start of the open gap, `from.since`, and
   * `from.overlapMs` before the newest message that WhatsApp reported. Messages that we sent do not count, since they do not show
   * that anything was received. Without a message, the time of the link takes its place. Undefined when the lease is lost.
   */
  async open(lease: SessionLease, from: { since: Date; overlapMs: number }): Promise<Gap | undefined> {
    return this.scope.row<Gap>(
      `with newest as (
         select max(occurred_at) as at from messages
         where company_id = :companyId and session_id = :sessionId
           and (direction = 0 or (user_id is null and claimed_generation is null and status is distinct from 'queued'))
       )
       update whatsapp_sessions s set missed_since = least(
         s.missed_since, :since, coalesce(newest.at - :overlapMs * interval '1 millisecond', s.linked_at))
       from newest
       where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}
       returning s.missed_since as "missedSince", s.linked_at as "linkedAt"`,
      { ...lease, ...from },
    );
  }

  /** Records that everything in the gap was fetched. Does nothing when the lease is lost. */
  async close(lease: SessionLease): Promise<void> {
    await this.scope.row(
      `update whatsapp_sessions s set missed_since = null
       where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}`,
      { ...lease },
    );
  }
}
