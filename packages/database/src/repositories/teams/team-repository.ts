import { maxTeamsOfUser, type Team } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import type { Affected } from "./reach-changes.ts";

interface TeamRow {
  id: string;
  name: string;
  members: string[];
  sessions: string[];
  created_at: Date;
}
export type CompleteTeam = Team & { memberIds: string[]; sessionIds: string[] };

/** Outcome of a change, and the users who see other chats afterwards. Pass them to `ReachChanges.record`. */
export type TeamChange<Result> = { result: Result; affected: Affected };
export type MembersRefusal = { unknownUserIds: string[] } | { usersWithTooManyTeams: string[] };

/**
 * The teams of the company: their members, and the sessions that they serve. Methods that return a `TeamChange` require a transaction
 * of `withReachChange`.
 */
export class TeamRepository {
  constructor(private readonly scope: Scope) {}

  /** By name. */
  async list(): Promise<CompleteTeam[]> {
    return (await this.scope.rows<TeamRow>(`${readTeams} order by lower(t.name), t.id`)).map(toTeam);
  }

  async find(id: string): Promise<CompleteTeam | undefined> {
    const row = await this.scope.row<TeamRow>(`${readTeams} and t.id = :id`, { id });
    return row && toTeam(row);
  }

  /** Creations in one company run one after the other, so the limit is exact. */
  async create(name: string, limit: number): Promise<CompleteTeam | "limit_reached" | "name_taken"> {
    lockNames(this.scope, [["teams", this.scope.companyId]]);
    const { count } = await this.scope.one<{ count: number }>(
      "select count(*)::int as count from teams where company_id = :companyId and removed_at is null",
    );
    if (count >= limit) return "limit_reached";
    const row = await this.scope.row<{ id: string }>(
      "insert into teams (company_id, name) values (:companyId, :name) on conflict do nothing returning id",
      { name },
    );
    return (row && (await this.find(row.id))) ?? "name_taken";
  }

  async rename(id: string, name: string): Promise<CompleteTeam | "name_taken" | undefined> {
    lockNames(this.scope, [["teams", this.scope.companyId]]);
    const other = await this.scope.row(
      `select id from teams where company_id = :companyId and lower(name) = lower(:name) and id <> :id
         and removed_at is null`,
      { id, name },
    );
    if (other) return "name_taken";
    await this.scope.row(
      "update teams set name = :name where company_id = :companyId and id = :id and removed_at is null",
      { id, name },
    );
    return this.find(id);
  }

  /** The names of the sessions that only this team serves. A removed session does not count. */
  async soleSessions(id: string): Promise<string[]> {
    const rows = await this.scope.rows<{ name: string }>(
      `select s.name from session_teams st
         join whatsapp_sessions s on s.company_id = st.company_id and s.id = st.session_id and s.removed_at is null
       where st.company_id = :companyId and st.team_id = :id and not exists (
         select from session_teams other where other.company_id = :companyId and other.session_id = st.session_id
           and other.team_id <> :id)
       order by s.name`,
      { id },
    );
    return rows.map(({ name }) => name);
  }

  /** Removes the team and its members. Chats of removed sessions that it served become visible to owners and admins only. */
  async remove(id: string): Promise<TeamChange<true> | undefined> {
    const removed = await this.scope.row(
      `update teams set removed_at = now() where company_id = :companyId and id = :id and removed_at is null returning id`,
      { id },
    );
    if (!removed) return undefined;
    const members = await this.scope.rows<{ id: string }>(
      "delete from team_members where company_id = :companyId and team_id = :id returning user_id as id",
      { id },
    );
    await this.scope.row(
      `delete from session_teams st using whatsapp_sessions s where st.company_id = :companyId and st.team_id = :id
         and s.company_id = st.company_id and s.id = st.session_id and s.removed_at is null`,
      { id },
    );
    return { result: true, affected: idsOf(members) };
  }

  /** Replaces the members. Refused when a user does not exist, or would be in too many teams. The team must exist. */
  async setMembers(id: string, userIds: readonly string[]): Promise<TeamChange<CompleteTeam> | MembersRefusal> {
    const bindings = { id, userIds: [...userIds], limit: maxTeamsOfUser };
    const unknown = await this.scope.rows<{ id: string }>(
      `select wanted as id from unnest(:userIds::uuid[]) wanted
       where not exists (select from users where company_id = :companyId and id = wanted)`,
      bindings,
    );
    if (unknown.length > 0) return { unknownUserIds: idsOf(unknown) };
    const full = await this.scope.rows<{ id: string }>(
      `select user_id as id from team_members where company_id = :companyId and user_id = any(:userIds::uuid[]) and team_id <> :id
       group by user_id having count(*) >= :limit`,
      bindings,
    );
    if (full.length > 0) return { usersWithTooManyTeams: idsOf(full) };
    const changed = await this.scope.rows<{ id: string }>(
      `with gone as (
         delete from team_members where company_id = :companyId and team_id = :id and user_id <> all(:userIds::uuid[])
         returning user_id
       ), added as (
         insert into team_members (company_id, team_id, user_id) select :companyId, :id, unnest(:userIds::uuid[])
         on conflict do nothing returning user_id
       )
       select user_id as id from gone union all select user_id from added`,
      bindings,
    );
    const team = await this.find(id);
    if (!team) throw new Error("the team of the members is missing");
    return { result: team, affected: idsOf(changed) };
  }

  /** The ids among `teamIds` that are no teams of the company. */
  async unknownAmong(teamIds: readonly string[]): Promise<string[]> {
    const rows = await this.scope.rows<{ id: string }>(
      `select wanted as id from unnest(:teamIds::uuid[]) wanted where not exists (
         select from teams where company_id = :companyId and id = wanted and removed_at is null)`,
      { teamIds: [...teamIds] },
    );
    return idsOf(rows);
  }

  async ofSession(sessionId: string): Promise<string[]> {
    const rows = await this.scope.rows<{ id: string }>(
      "select team_id as id from session_teams where company_id = :companyId and session_id = :sessionId order by team_id",
      { sessionId },
    );
    return idsOf(rows);
  }

  /** Replaces the teams that serve a session. Session and teams must exist. */
  async setOfSession(sessionId: string, teamIds: readonly string[]): Promise<TeamChange<string[]>> {
    const before = await this.ofSession(sessionId);
    await this.scope.row(
      "delete from session_teams where company_id = :companyId and session_id = :sessionId and team_id <> all(:teamIds::uuid[])",
      { sessionId, teamIds: [...teamIds] },
    );
    await this.scope.row(
      `insert into session_teams (company_id, session_id, team_id)
       select :companyId, :sessionId, unnest(:teamIds::uuid[]) on conflict do nothing`,
      { sessionId, teamIds: [...teamIds] },
    );
    const after = await this.ofSession(sessionId);
    const changed = [...before, ...after].filter((id) => !before.includes(id) || !after.includes(id));
    if (changed.length === 0) return { result: after, affected: [] };
    const isForAll = before.length === 0 || after.length === 0;
    return { result: after, affected: isForAll ? "agents" : await this.agentsIn(changed) };
  }

  /** Without owners and admins, who see every chat: their sockets stay open. */
  private async agentsIn(teamIds: readonly string[]): Promise<string[]> {
    const rows = await this.scope.rows<{ id: string }>(
      `select distinct m.user_id as id from team_members m
         join users u on u.company_id = m.company_id and u.id = m.user_id and u.role = 'agent'
       where m.company_id = :companyId and m.team_id = any(:teamIds::uuid[])`,
      { teamIds: [...teamIds] },
    );
    return idsOf(rows);
  }
}

const readTeams = `
  select t.id, t.name, t.created_at,
    array(select m.user_id::text from team_members m where m.company_id = t.company_id and m.team_id = t.id order by 1) as members,
    array(select st.session_id::text from session_teams st
      join whatsapp_sessions s on s.company_id = st.company_id and s.id = st.session_id and s.removed_at is null
      where st.company_id = t.company_id and st.team_id = t.id order by 1) as sessions
  from teams t where t.company_id = :companyId and t.removed_at is null`;

const toTeam = (row: TeamRow): CompleteTeam => ({
  id: row.id,
  name: row.name,
  memberIds: row.members,
  sessionIds: row.sessions,
  createdAt: row.created_at.toISOString(),
});
const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
