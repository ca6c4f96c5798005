import { queryRow, type Scope } from "../../sql/query.ts";
import type { SessionLease } from "../messages/outbound-queue.ts";

/** The time of which nobody knows whether all that WhatsApp said of it was heard. */
export interface Gap {
  missedSince: Date;
  /** When the phone was linked; null while none is. */
  linkedAt: Date | null;
}
const holdsLease = `exists (select from session_leases l where l.company_id = s.company_id and l.session_id = s.id
  and l.generation = :generation and l.lease_until > clock_timestamp())`;

/**
 * It begins with the earliest of: what was written down and not closed, `since`, and so long before the newest message that
 * WhatsApp told (what we sent ourselves says nothing about what was heard), or the link when there is none.
 */
export function openGap(
  scope: Scope,
  lease: SessionLease,
  from: { since: Date; overlapMs: number },
): Promise<Gap | undefined> {
  return queryRow<Gap>(
    scope.db,
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
    { companyId: scope.companyId, ...lease, ...from },
  );
}

export async function closeGap(scope: Scope, lease: SessionLease): Promise<void> {
  await queryRow(
    scope.db,
    `update whatsapp_sessions s set missed_since = null
     where s.company_id = :companyId and s.id = :sessionId and ${holdsLease}`,
    { companyId: scope.companyId, ...lease },
  );
}
