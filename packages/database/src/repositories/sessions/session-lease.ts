/**
 * Names the lease that a change is made under. Fenced statements do nothing unless this generation holds the session's lease
 * now, by the clock of the database.
 */
export interface SessionLease {
  sessionId: string;
  generation: number;
}

/** SQL condition that fences a statement. Binds `:companyId`, `:sessionId` and `:generation`. */
export const holdsLease = `exists (select from session_leases l where l.company_id = :companyId and l.session_id = :sessionId
  and l.generation = :generation and l.lease_until > clock_timestamp())`;
