import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageChange, MessageStatus, Timestamp } from "../vocabulary.ts";

/** A message moved forward: the ticks of R20. */
export const messageStatus = defineEvent("message_status", {
  Id: z.uuid(),
  Chat_Id: z.uuid(),
  Status: MessageStatus,
  Reason: z.string().optional().describe("why it failed: a SendFailure, or in English what kept going wrong"),
  Changes: z
    .object({ Message_Id: z.uuid(), Change: MessageChange })
    .optional()
    .describe("of what was queued to change a message, and is none itself: that message"),
  timestamp: Timestamp,
});
