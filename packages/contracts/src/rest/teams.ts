import { z } from "zod";
import { maxReachTeams, maxTeamMembers, maxTeamNameLength } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { storable } from "./requests.ts";

/** A group of users that serves sessions. */
export const Team = z.object({
  id: z.uuid(),
  name: z.string(),
  memberIds: z.array(z.uuid()).optional().describe("users; for owners and admins only"),
  sessionIds: z.array(z.uuid()).optional().describe("sessions that the team serves; for owners and admins only"),
  createdAt: Timestamp,
});
export type Team = z.infer<typeof Team>;

const name = storable(z.string().trim().min(1).max(maxTeamNameLength)).describe("unique in the company, ignoring case");
const uniqueIds = (max: number) =>
  z
    .array(z.uuid())
    .max(max)
    .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]);

export const CreateTeamRequest = z.object({ name });
export const UpdateTeamRequest = z.object({ name: name.optional() });
export const SetTeamMembersRequest = z.object({ memberIds: uniqueIds(maxTeamMembers).describe("all members") });
export const SetSessionTeamsRequest = z.object({
  teamIds: uniqueIds(maxReachTeams).describe("all teams that serve the session; none: every user serves it"),
});
export const SessionTeams = z.object({ sessionId: z.uuid(), teamIds: z.array(z.uuid()) });
