import { maxTeams, maxTeamsOfUser, sessionManagers, type Team } from "@syszap/contracts";
import type { CompleteTeam, Database } from "@syszap/database";
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

  createTeam: async ({ body, caller: { companyId } }) => {
    const team = await database.withCompany(companyId, ({ teams }) => teams.create(body.name, maxTeams));
    if (team === "limit_reached")
      throw new ProblemError("conflict", `A company can have at most ${maxTeams} teams. Delete one first.`);
    return requireFreeName(team);
  },

  updateTeam: ({ params: { id }, body, caller: { companyId } }) =>
    database.withCompany(companyId, async ({ teams }) =>
      requireTeam(requireFreeName(body.name === undefined ? await teams.find(id) : await teams.rename(id, body.name))),
    ),

  removeTeam: ({ params: { id }, caller: { companyId } }) =>
    database.withReachChange(companyId, async ({ teams, reachChanges }) => {
      const [session] = await teams.soleSessions(id);
      if (session !== undefined)
        throw new ProblemError(
          "conflict",
          `Only this team serves the session "${session}". Choose another team for the session first, or none to let everybody serve it.`,
        );
      const { affected } = requireTeam(await teams.remove(id));
      await reachChanges.record(affected);
      return undefined;
    }),

  setTeamMembers: ({ params: { id }, body: { memberIds }, caller: { companyId } }) =>
    database.withReachChange(companyId, async ({ teams, reachChanges }) => {
      requireTeam(await teams.find(id));
      const outcome = await teams.setMembers(id, memberIds);
      if ("unknownUserIds" in outcome) throw unknownIds("memberIds", memberIds, outcome.unknownUserIds, "user");
      if ("usersWithTooManyTeams" in outcome) throw tooManyTeams(outcome.usersWithTooManyTeams);
      await reachChanges.record(outcome.affected);
      return outcome.result;
    }),

  setSessionTeams: ({ params: { id }, body: { teamIds }, caller: { companyId } }) =>
    database.withReachChange(companyId, async ({ sessions, teams, reachChanges }) => {
      requireSession(await sessions.find(id));
      const unknown = await teams.unknownAmong(teamIds);
      if (unknown.length > 0) throw unknownIds("teamIds", teamIds, unknown, "team");
      const { result, affected } = await teams.setOfSession(id, teamIds);
      await reachChanges.record(affected);
      return { sessionId: id, teamIds: result };
    }),
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
