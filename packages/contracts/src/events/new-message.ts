import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageContent, MessageContext } from "../message-content.ts";
import { ClientName, ClientNumber, Direction, MessageStatus, MessageType, Timestamp } from "../vocabulary.ts";
import {
  AuthorReference,
  MediaReference,
  MissingMediaReference,
  QuotedReference,
  SenderReference,
} from "./message-parts.ts";

/** A message was stored: received from the client, queued by a user or program, or sent on the phone itself. */
export const newMessage = defineEvent("new_message", {
  Id: z.uuid(),
  Chat_Id: z.uuid(),
  Direction,
  Type: MessageType,
  Body: z.string().describe("text or caption; '' if there is none"),
  Chat: z.object({ WA_Chat_Id: z.string() }),
  Client: z
    .object({ Id: z.uuid().optional(), Name: ClientName, WhatsApp_Number: ClientNumber })
    .optional()
    .describe("absent in a group, and only there"),
  Group: z
    .object({
      Subject: z.string(),
      Notify_All: z.boolean().describe("false: show a notice only for a message with `Mentions_Us`"),
    })
    .optional()
    .describe("set in a group"),
  Sender: SenderReference.optional().describe("in a group: the participant who wrote a received message"),
  Mentions_Us: z.boolean().optional().describe("true: the message mentions the session's number, or everyone"),
  Author: AuthorReference.optional().describe("the user who wrote it; absent if it was sent on the phone itself"),
  Status: MessageStatus.optional(),
  Media: MediaReference.optional(),
  Missing_Media: MissingMediaReference.optional().describe("set instead of `Media` while the file is not stored"),
  Content: MessageContent.optional().describe("the structured content, by kind; `Body` has it as text"),
  Context: MessageContext.optional().describe(
    "what surrounds the content: forwarded, view-once, disappearing, ad, mentions",
  ),
  Quoted: QuotedReference.optional().describe("the message that this one replies to"),
  Session_Id: z.uuid().optional(),
  Late: z
    .boolean()
    .optional()
    .describe("true: written while the session was not connected; pages show one notice for many of them"),
  Source_Order: z
    .string()
    .optional()
    .describe("sort key: compared as text, it gives WhatsApp's order of the messages of a chat"),
  timestamp: Timestamp,
});
