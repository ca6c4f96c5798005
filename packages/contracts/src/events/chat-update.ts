import { z } from "zod";
import { previewLength } from "../constants/index.ts";
import { defineEvent } from "../define-event.ts";
import { Mentions } from "../message-content.ts";
import { Direction, MessageType, Timestamp } from "../vocabulary.ts";
import { AuthorReference, SenderReference } from "./message-parts.ts";

/** The unread count or the last message of a chat changed, or its group. Counts are absolute, not increments. */
export const chatUpdate = defineEvent("chat_update", {
  Id: z.uuid(),
  Client_Id: z.uuid().optional().describe("absent in a group, and only there"),
  Group: z
    .object({
      Subject: z.string(),
      Picture_URL: z.string().nullable(),
      Participant_Count: z.number().int().min(0),
      Is_Member: z.boolean().describe("false: the session's number left the group; nothing can be sent"),
      Notify_All: z
        .boolean()
        .describe("false: only messages that mention the session's number are counted and notified"),
      Unread_Mentions: z.number().int().min(0),
    })
    .optional()
    .describe("set in a group"),
  Session_Id: z.uuid(),
  WA_Chat_Id: z.string(),
  Unread_Count: z.number().int().min(0),
  Last_Message: z
    .object({
      Id: z.uuid(),
      Direction,
      Type: MessageType,
      Body: z.string().max(previewLength),
      Author: AuthorReference.optional().describe("the user who wrote it; absent if it was sent on the phone itself"),
      Sender: SenderReference.optional().describe("in a group: the participant who wrote it"),
      Mentions: Mentions.optional(),
      Revoked_At: Timestamp.nullable().optional().describe("set if the message was deleted"),
      timestamp: Timestamp,
    })
    .nullable(),
  Merged_Into: z
    .uuid()
    .optional()
    .describe(
      "the chat that this one was merged into; no further events about this chat follow, unless the merge is undone",
    ),
  Messages_Moved: z
    .boolean()
    .optional()
    .describe("true: messages moved into this chat or out of it because clients were merged or split; read them again"),
  timestamp: Timestamp,
});
