import { z } from "zod";
import { groupRoles, isGroupChat, maxGroupParticipants, maxGroupSubjectLength } from "../constants/index.ts";
import { NamedContact, Origin, StoredFile, WhatsAppChatId } from "./parts.ts";

/** The current state of a group. An absent field did not change; a null picture was removed. */
export const GroupJob = Origin.extend({
  waChatId: WhatsAppChatId.refine(isGroupChat, "must be the id of a group"),
  subject: z.string().max(maxGroupSubjectLength).optional(),
  picture: StoredFile.nullable().optional(),
  participants: z
    .array(NamedContact.extend({ role: z.enum(groupRoles) }))
    .max(maxGroupParticipants)
    .optional()
    .describe("all participants; they replace those stored"),
  isMember: z.boolean().optional().describe("false: the session's number left the group or was removed"),
  timestampMs: z.number().int().min(0),
});
export type GroupJob = z.infer<typeof GroupJob>;
