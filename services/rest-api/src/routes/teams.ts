import { maxReachTeams, maxTeamMembers, maxTeams, maxTeamsOfUser, sessionManagers, type Team } from "@syszap/contracts";
import type { CompleteTeam, Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

type Endpoints = "listTeams" | "createTeam" | "updateTeam" | "removeTeam";

/** The teams of the company. */
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
});

/** Changes who sees which chats. Both requests name a difference: see `changed`. */
export const teamReachRoutes = (database: Database): HandlersOf<"changeTeamMembers" | "changeSessionTeams"> => ({
  changeTeamMembers: ({ params: { id }, body, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ teams, reachChanges, audit }) => {
      const before = requireTeam(await teams.find(id));
      const memberIds = changed(before.memberIds, body);
      if (memberIds.length > maxTeamMembers)
        throw new ProblemError("conflict", `A team can have at most ${maxTeamMembers} members. Remove some first.`);
      const outcome = await teams.setMembers(id, memberIds);
      if ("unknownUserIds" in outcome) throw unknownIds(body.add, outcome.unknownUserIds, "user");
      if ("usersWithTooManyTeams" in outcome) throw tooManyTeams(outcome.usersWithTooManyTeams);
      await reachChanges.record(outcome.affected);
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "team_updated", target: teamOf(id) },
        ...differenceOf("members", before.memberIds, outcome.result.memberIds),
      });
      return outcome.result;
    }),

  changeSessionTeams: ({ params: { id }, body, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ sessions, teams, reachChanges, audit }) => {
      requireSession(await sessions.find(id));
      const unknown = await teams.unknownAmong(body.add);
      if (unknown.length > 0) throw unknownIds(body.add, unknown, "team");
      const before = await teams.ofSession(id);
      const teamIds = changed(before, body);
      if (teamIds.length > maxReachTeams)
        throw new ProblemError("conflict", `At most ${maxReachTeams} teams serve a session. Remove one first.`);
      // Two people who remove one team each must not open the session to everybody together.
      if (teamIds.length === 0 && before.length > 0 && !body.mayServeAll)
        throw new ProblemError(
          "conflict",
          "Then no team would serve this session, and everybody would see its chats. Confirm it with mayServeAll, or add another team.",
        );
      const { result, affected } = await teams.setOfSession(id, teamIds);
      await reachChanges.record(affected);
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "session_updated", target: { kind: "session", id } },
        ...differenceOf("teams", before, result),
      });
      return { sessionId: id, teamIds: result };
    }),
});

/** Computed while the transaction excludes other changes of the reach, so that concurrent requests merge. */
const changed = (before: readonly string[], { add, remove }: { add: readonly string[]; remove: readonly string[] }) =>
  [...new Set([...before, ...add])].filter((id) => !remove.includes(id));

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

function unknownIds(added: readonly string[], unknown: readonly string[], resource: string): ProblemError {
  return new ProblemError("invalid", `Your company has no ${resource} with some of these ids. Check the ids.`, {
    errors: unknown
      .slice(0, 20)
      .map((id) => ({ path: `add.${added.indexOf(id)}`, message: `is not a ${resource} of your company` })),
  });
}
