import { z } from "zod";
import { previewLength } from "../constants/index.ts";
import { defineEvent } from "../define-event.ts";
import { Direction, MessageType, Timestamp } from "../vocabulary.ts";

/** A chat's place in the list changed: unread count, last message. Counts are absolute, never steps. */
export const chatUpdate = defineEvent("chat_update", {
  Id: z.uuid(),
  Client_Id: z.uuid(),
  Session_Id: z.uuid(),
  WA_Chat_Id: z.string(),
  Unread_Count: z.number().int().min(0),
  Last_Message: z
    .object({
      ...{ Id: z.uuid(), Direction, Type: MessageType, Body: z.string().max(previewLength) },
      Revoked_At: Timestamp.nullable().optional().describe("of what was deleted"),
      timestamp: Timestamp,
    })
    .nullable(),
  /** It turned out to be this one, which holds all of it now; nothing more is told of it. */
  Merged_Into: z.uuid().optional(),
  timestamp: Timestamp,
});
