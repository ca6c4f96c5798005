import type { Session, SessionDetail, SessionDetails } from "@syszap/contracts";

/** Number of states kept for each session; older ones are deleted. */
export const keptTransitions = 20;

/**
 * SQL CTEs that record the new state of the sessions in the CTE `changed` and delete the oldest states. Both see the table as it was
 * before the statement, so the deletion keeps one state less. Binds `:generation` and `:kept`.
 */
export const recordTransition = (condition: string): string => `
  recorded as (
    insert into session_transitions (company_id, session_id, version, generation, detail, reason)
    select company_id, id, version, :generation::bigint, detail, reason from changed where ${condition}
  ), forgotten as (
    delete from session_transitions t using changed c
    where t.company_id = c.company_id and t.session_id = c.id and ${condition}
      and t.version <= (select version from session_transitions o
        where o.company_id = c.company_id and o.session_id = c.id order by version desc offset :kept::int - 1 limit 1)
  )`;

export interface TransitionRow {
  detail: SessionDetail;
  reason: string | null;
  generation: string | null;
  occurred_at: Date;
}
export interface LeaseHealthRow {
  owner: string | null;
  generation: string;
  restarts: number;
  memory_bytes: string | null;
  last_event_at: Date | null;
}

export interface RecoveryRow {
  since: Date;
  is_listed: boolean;
  chats: number;
  chats_done: number;
  facts: number;
}

/** SQL that selects a `RecoveryRow` for the session `:id`; no row when nothing is missing. */
export const selectRecovery = `
  select s.missed_since as since, s.recovery_started_at is not null as is_listed, c.* from whatsapp_sessions s,
    lateral (select count(*)::int as chats, (count(*) filter (where is_done))::int as chats_done, coalesce(sum(facts), 0)::int as facts
      from session_gap_chats where company_id = :companyId and session_id = :id) c
  where s.company_id = :companyId and s.id = :id and s.missed_since is not null`;

/** Restarts and memory are reported only while the session has an owner. The time of the last event is always reported. */
export function toSessionDetails(
  session: Session,
  health: LeaseHealthRow | undefined,
  { history, recovery }: { history: TransitionRow[]; recovery: RecoveryRow | undefined },
): SessionDetails {
  const isOwned = health !== undefined && health.owner !== null;
  return {
    ...session,
    owner: health?.owner ?? null,
    generation: Number(health?.generation ?? 0),
    lastEventAt: health?.last_event_at?.toISOString() ?? null,
    restarts: isOwned ? health.restarts : 0,
    memoryBytes: isOwned && health.memory_bytes !== null ? Number(health.memory_bytes) : null,
    recovery: recovery
      ? {
          since: recovery.since.toISOString(),
          chats: recovery.is_listed ? recovery.chats : null,
          chatsDone: recovery.chats_done,
          facts: recovery.facts,
        }
      : null,
    history: history.map((row) => ({
      detail: row.detail,
      reason: row.reason,
      generation: row.generation === null ? null : Number(row.generation),
      occurredAt: row.occurred_at.toISOString(),
    })),
  };
}
