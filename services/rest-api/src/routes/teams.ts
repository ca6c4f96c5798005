import { maxTeams, maxTeamsOfUser, sessionManagers, type Team } from "@syszap/contracts";
import type { CompleteTeam, Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

type Endpoints = "listTeams" | "createTeam" | "updateTeam" | "removeTeam" | "setTeamMembers" | "setSessionTeams";

/** Teams, their members and the sessions that they serve. */
export const teamRoutes = (database: Database): HandlersOf<Endpoints> => ({
  listTeams: async ({ caller }) => {
    const teams = await database.withCompany(caller.companyId, ({ teams }) => teams.list());
    return { items: sessionManagers.includes(caller.role) ? teams : teams.map(withoutMembers) };
  },

  createTeam: ({ body, caller, req }) =>
    database.withCompany(caller.companyId, async ({ teams, audit }) => {
      const created = await teams.create(body.name, maxTeams);
      if (created === "limit_reached")
        throw new ProblemError("conflict", `A company can have at most ${maxTeams} teams. Delete one first.`);
      const team = requireFreeName(created);
      const after = { name: team.name };
      await audit.record(auditActorOf(caller, req), { action: "team_created", target: teamOf(team.id), after });
      return team;
    }),

  updateTeam: ({ params: { id }, body, caller, req }) =>
    database.withCompany(caller.companyId, async ({ teams, audit }) => {
      const before = requireTeam(await teams.find(id));
      if (body.name === undefined || body.name === before.name) return before;
      const team = requireTeam(requireFreeName(await teams.rename(id, body.name)));
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "team_updated", target: teamOf(id) },
        ...{ before: { name: before.name }, after: { name: team.name } },
      });
      return team;
    }),

  removeTeam: ({ params: { id }, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ teams, reachChanges, audit }) => {
      const { name } = requireTeam(await teams.find(id));
      const [session] = await teams.soleSessions(id);
      if (session !== undefined)
        throw new ProblemError(
          "conflict",
          `Only this team serves the session "${session}". Choose another team for the session first, or none to let everybody serve it.`,
        );
      const { affected } = requireTeam(await teams.remove(id));
      await reachChanges.record(affected);
      const before = { name };
      await audit.record(auditActorOf(caller, req), { action: "team_removed", target: teamOf(id), before });
      return undefined;
    }),

  setTeamMembers: ({ params: { id }, body: { memberIds }, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ teams, reachChanges, audit }) => {
      const before = requireTeam(await teams.find(id));
      const outcome = await teams.setMembers(id, memberIds);
      if ("unknownUserIds" in outcome) throw unknownIds("memberIds", memberIds, outcome.unknownUserIds, "user");
      if ("usersWithTooManyTeams" in outcome) throw tooManyTeams(outcome.usersWithTooManyTeams);
      await reachChanges.record(outcome.affected);
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "team_updated", target: teamOf(id) },
        ...differenceOf("members", before.memberIds, outcome.result.memberIds),
      });
      return outcome.result;
    }),

  setSessionTeams: ({ params: { id }, body: { teamIds }, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ sessions, teams, reachChanges, audit }) => {
      requireSession(await sessions.find(id));
      const unknown = await teams.unknownAmong(teamIds);
      if (unknown.length > 0) throw unknownIds("teamIds", teamIds, unknown, "team");
      const before = await teams.ofSession(id);
      const { result, affected } = await teams.setOfSession(id, teamIds);
      await reachChanges.record(affected);
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "session_updated", target: { kind: "session", id } },
        ...differenceOf("teams", before, result),
      });
      return { sessionId: id, teamIds: result };
    }),
});

const teamOf = (id: string) => ({ kind: "team", id }) as const;
/** The ids that were removed and added. A complete list could be too long for the audit log. */
const differenceOf = (name: string, before: readonly string[], after: readonly string[]) => ({
  before: { [name]: before.filter((id) => !after.includes(id)) },
  after: { [name]: after.filter((id) => !before.includes(id)) },
});

const tooManyTeams = (userIds: readonly string[]) =>
  new ProblemError(
    "conflict",
    `A user can be in at most ${maxTeamsOfUser} teams. Remove these users from another team first: ${userIds.slice(0, 5).join(", ")}`,
  );

const withoutMembers = ({ id, name, createdAt }: CompleteTeam): Team => ({ id, name, createdAt });

function requireTeam<Found>(team: Found | undefined): Found {
  if (team === undefined) throw notFound("team");
  return team;
}

function requireFreeName<Found>(team: Found | "name_taken"): Found {
  if (team === "name_taken")
    throw new ProblemError("conflict", "Your company has a team with this name. Choose another name.");
  return team;
}

function unknownIds(field: string, all: readonly string[], unknown: readonly string[], resource: string): ProblemError {
  return new ProblemError("invalid", `Your company has no ${resource} with some of these ids. Check the ids.`, {
    errors: unknown
      .slice(0, 20)
      .map((id) => ({ path: `${field}.${all.indexOf(id)}`, message: `is not a ${resource} of your company` })),
  });
}
