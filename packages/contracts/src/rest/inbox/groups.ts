import { z } from "zod";
import { Participant } from "../../message-content.ts";
import { GroupRole } from "../../vocabulary.ts";

/** The group of a chat that is not with a client. */
export const ChatGroup = z.object({
  subject: z.string().describe("'' until WhatsApp reports it"),
  pictureUrl: z.string().nullable(),
  participantCount: z.number().int().describe("0 until WhatsApp reports the participants"),
  isMember: z.boolean().describe("false: the session's number left the group; nothing can be sent"),
  notifyAll: z.boolean().describe("false: only messages that mention the session's number are counted and notified"),
  unreadMentions: z.number().int(),
});
export type ChatGroup = z.infer<typeof ChatGroup>;

export const GroupParticipant = Participant.extend({ role: GroupRole });
export type GroupParticipant = z.infer<typeof GroupParticipant>;

export const SetSessionGroupsRequest = z.object({
  enabled: z.boolean().describe("true: messages of groups are received from now on"),
});

/** Applies to all users who see the chat. */
export const SetChatNoticesRequest = z.object({ notifyAll: z.boolean() });
