import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageChange, MessageStatus, Timestamp } from "../vocabulary.ts";

/** The delivery status of a message changed. */
export const messageStatus = defineEvent("message_status", {
  Id: z.uuid(),
  Chat_Id: z.uuid(),
  Status: MessageStatus,
  Reason: z.string().optional().describe("why it failed: a SendFailure, or the last error in English"),
  Changes: z
    .object({ Message_Id: z.uuid(), Change: MessageChange })
    .optional()
    .describe("set if this is a queued change of another message, not a message"),
  timestamp: Timestamp,
});
