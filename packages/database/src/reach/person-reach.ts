import { type AgentReach, isInAudience, type Role, reachOf, seesWholeCompany } from "@syszap/contracts";
import type { PreparedStatements } from "../sql/prepared-statements.ts";
import type { PersonReach } from "../sql/query.ts";

/** The user for whom a transaction acts. */
export interface Person {
  companyId: string;
  userId: string;
}
interface PersonRow {
  role: Role | null;
  teams: string[] | null;
  agents_see: AgentReach;
  sessions: { id: string; teams: string[] | null }[] | null;
}

/**
 * Limits the transaction to what the person sees now. Row-level security enforces the limits that this statement computes in SQL.
 * Repositories use the ones that it computes by `reachOf`.
 */
export async function openPerson(prepared: PreparedStatements, userId: string): Promise<PersonReach> {
  const [row] = await prepared.rows<PersonRow>(openPersonSql, { userId });
  const role = row?.role ?? undefined;
  const teamIds = row?.teams ?? [];
  return { userId, role, teamIds, sessionIds: row ? sessionsWithin(userId, row) : [] };
}

/**
 * Returns the sessions whose chats the user sees by teams; null: all. Does not cover chats that are assigned to a user: they need a
 * condition of their own once chats can be assigned.
 */
function sessionsWithin(userId: string, { role, teams, agents_see: agentsSee, sessions }: PersonRow): string[] | null {
  if (role === null) return [];
  const member = { userId, role, seesAll: seesWholeCompany(role), teams: new Set(teams ?? []) };
  const all = sessions ?? [];
  const seen = all.filter(({ teams: served }) =>
    isInAudience(reachOf({}, { teamIds: served ?? [] }, { agentsSee }), member),
  );
  // New sessions are seen, too, if no session is limited to teams.
  const isLimited = !member.seesAll && all.some(({ teams: served }) => served !== null);
  return seen.length === all.length && !isLimited ? null : seen.map(({ id }) => id);
}

const openPersonSql = `
  with person as (
    select u.role, array(select m.team_id from team_members m where m.company_id = :companyId and m.user_id = :userId) as teams
    from users u where u.company_id = :companyId and u.id = :userId and u.disabled_at is null
  ), served as (
    select s.id, (select array_agg(t.team_id) from session_teams t
      where t.company_id = :companyId and t.session_id = s.id) as teams
    from whatsapp_sessions s where s.company_id = :companyId
  )
  select p.role, p.teams::text[], c.agents_see, (select json_agg(served) from served) as sessions,
    set_config('app.user_id', :userId::text, true), set_config('app.role', coalesce(p.role, ''), true),
    set_config('app.team_ids', coalesce(p.teams, '{}')::text, true),
    set_config('app.sessions', case
      when p.role is null then '{}'
      when p.role in ('owner', 'admin') or c.agents_see = 'all' or not exists (select from served where teams is not null) then '*'
      else array(select id from served where teams is null or teams && p.teams)::text end, true)
  from companies c left join person p on true where c.id = :companyId`;
