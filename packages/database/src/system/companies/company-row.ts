import type { CompanyState, PlatformCompany } from "@syszap/contracts";

export interface CompanyRow {
  id: string;
  name: string;
  state: CompanyState;
  created_at: Date;
  suspended_at: Date | null;
  deletion_due_at: Date | null;
  deletion_step: string;
  deletion_done: number;
  deletion_total: number;
  deletion_removed: string;
  users: number;
  sessions: number;
  connected_sessions: number;
  last_activity_at: Date | null;
}

const state = `case when c.deletion_started_at is not null then 'deleting' when c.deletion_due_at is not null then 'deletion_scheduled'
  when c.suspended_at is not null then 'suspended' else 'active' end`;

/** Companies with their numbers of users and sessions. `filter` and `order` select them before anything is counted. */
export const selectCompanies = (filter: string, order = ""): string => `
  with selected as (select c.*, ${state} as state from companies c where ${filter} ${order})
  select c.id, c.name, c.state, c.created_at, c.suspended_at, c.deletion_due_at, c.deletion_step, c.deletion_done,
    c.deletion_total, c.deletion_removed, u.users, s.sessions, s.connected_sessions,
    greatest(t.last_login_at, s.last_event_at) as last_activity_at
  from selected c
  cross join lateral (select count(*)::int as users from users where company_id = c.id and disabled_at is null) u
  cross join lateral (select max(created_at) as last_login_at from refresh_tokens where company_id = c.id) t
  cross join lateral (
    select count(*)::int as sessions, count(*) filter (where w.status = 'connected')::int as connected_sessions,
      max(l.last_event_at) as last_event_at
    from whatsapp_sessions w left join session_leases l on l.company_id = w.company_id and l.session_id = w.id
    where w.company_id = c.id and w.removed_at is null) s
  order by c.created_at desc, c.id desc`;

export const hasState = `${state} = :state`;

export const toCompany = (row: CompanyRow): PlatformCompany => ({
  id: row.id,
  name: row.name,
  state: row.state,
  createdAt: row.created_at.toISOString(),
  suspendedAt: row.suspended_at?.toISOString() ?? null,
  deletionDueAt: row.deletion_due_at?.toISOString() ?? null,
  deleting:
    row.state === "deleting"
      ? {
          step: row.deletion_step,
          done: row.deletion_done,
          total: row.deletion_total,
          removed: Number(row.deletion_removed),
        }
      : null,
  users: row.users,
  sessions: row.sessions,
  connectedSessions: row.connected_sessions,
  lastActivityAt: row.last_activity_at?.toISOString() ?? null,
});
