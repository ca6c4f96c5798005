import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageContent } from "../message-content.ts";
import { Direction, MessageStatus, MessageType, Timestamp, WhatsAppNumber } from "../vocabulary.ts";
import { MediaReference, MissingMediaReference, QuotedReference } from "./message-parts.ts";

/** A message was stored: a customer wrote, the system sends, or someone answered on the phone itself. */
export const newMessage = defineEvent("new_message", {
  Id: z.uuid(),
  Chat_Id: z.uuid(),
  Direction,
  Type: MessageType,
  Body: z.string().describe("text or caption, '' where there is none"),
  Chat: z.object({ WA_Chat_Id: z.string() }),
  Client: z.object({ Id: z.uuid().optional(), Name: z.string(), WhatsApp_Number: WhatsAppNumber }),
  Status: MessageStatus.optional(),
  Media: MediaReference.optional(),
  Missing_Media: MissingMediaReference.optional().describe("instead of `Media`, while its file is not here"),
  Content: MessageContent.optional().describe("of a location, of contact cards, of a poll"),
  Quoted: QuotedReference.optional().describe("the message that this one answers"),
  Session_Id: z.uuid().optional(),
  Source_Order: z.string().optional().describe("sorts the messages of a chat as WhatsApp orders them, as plain text"),
  timestamp: Timestamp,
});
