import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageStatus, Timestamp } from "../vocabulary.ts";

/** A message moved forward: the ticks of R20. */
export const messageStatus = defineEvent(
  "message_status",
  { durable: true },
  {
    Id: z.uuid(),
    Chat_Id: z.uuid(),
    Status: MessageStatus,
    Reason: z.string().optional().describe("why it failed, for the person who sent it"),
    timestamp: Timestamp,
  },
);
