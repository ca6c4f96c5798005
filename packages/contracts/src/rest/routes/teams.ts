import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import {
  ChangeSessionTeamsRequest,
  ChangeTeamMembersRequest,
  CreateTeamRequest,
  SessionTeams,
  Team,
  UpdateTeamRequest,
} from "../teams.ts";

const ById = z.object({ id: z.uuid() });
const managing = { tag: "Teams", caller: "manager" } as const;

export const teamRoutes = {
  listTeams: {
    ...endpoints.listTeams,
    tag: "Teams",
    summary: "List the company's teams by name",
    caller: "member",
    scopes: ["read"],
    answer: {
      status: 200,
      description: "All teams. Members and sessions are listed for owners and admins only.",
      body: z.object({ items: z.array(Team) }),
    },
  },
  createTeam: {
    ...endpoints.createTeam,
    ...managing,
    summary: "Create a team, without members and sessions",
    body: CreateTeamRequest,
    answer: { status: 201, description: "The team.", body: Team },
    problems: [409],
  },
  updateTeam: {
    ...endpoints.updateTeam,
    ...managing,
    summary: "Rename a team",
    params: ById,
    body: UpdateTeamRequest,
    answer: { status: 200, description: "The team.", body: Team },
    problems: [409],
  },
  removeTeam: {
    ...endpoints.removeTeam,
    ...managing,
    summary: "Delete a team; refused while a session is served by this team only",
    params: ById,
    answer: { status: 204, description: "The team is deleted." },
    problems: [409],
  },
  changeTeamMembers: {
    ...endpoints.changeTeamMembers,
    ...managing,
    summary: "Add and remove members of a team; takes effect on open sockets within a second",
    params: ById,
    body: ChangeTeamMembersRequest,
    answer: { status: 200, description: "The team.", body: Team },
    problems: [409],
  },
  changeSessionTeams: {
    ...endpoints.changeSessionTeams,
    ...managing,
    summary: "Add and remove teams that serve a session; takes effect on open sockets within a second",
    params: ById,
    body: ChangeSessionTeamsRequest,
    answer: { status: 200, description: "The teams of the session.", body: SessionTeams },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
