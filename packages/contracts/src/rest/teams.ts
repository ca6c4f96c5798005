import { z } from "zod";
import { maxReachTeams, maxTeamMembers, maxTeamNameLength } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { visibleText } from "./requests.ts";

/** A group of users that serves sessions. */
export const Team = z.object({
  id: z.uuid(),
  name: z.string(),
  memberIds: z.array(z.uuid()).optional().describe("users; for owners and admins only"),
  sessionIds: z.array(z.uuid()).optional().describe("sessions that the team serves; for owners and admins only"),
  createdAt: Timestamp,
});
export type Team = z.infer<typeof Team>;

const name = visibleText(maxTeamNameLength).describe("unique in the company, ignoring case");
const uniqueIds = (max: number) =>
  z
    .array(z.uuid())
    .max(max)
    .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]);

export const CreateTeamRequest = z.object({ name });
export const UpdateTeamRequest = z.object({ name: name.optional() });
/** A difference instead of the complete list, so that concurrent changes of two people do not overwrite each other. */
const changeOf = (max: number) => ({
  add: uniqueIds(max).default([]).describe("ids in both lists are removed"),
  remove: uniqueIds(max).default([]).describe("ids that are not in the list are ignored"),
});
export const ChangeTeamMembersRequest = z.object(changeOf(maxTeamMembers));
export const ChangeSessionTeamsRequest = z.object({
  ...changeOf(maxReachTeams),
  mayServeAll: z
    .boolean()
    .default(false)
    .describe("required if no team is left: every user serves the session then, and sees its chats"),
});
export const SessionTeams = z.object({ sessionId: z.uuid(), teamIds: z.array(z.uuid()) });
