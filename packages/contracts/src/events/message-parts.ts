import { z } from "zod";
import { ChatSide, ClientNumber, Direction, MessageType, MissingMediaState, Timestamp } from "../vocabulary.ts";

/** The file of a message. Clients download it from `/v1/media/{Id}`. */
export const MediaReference = z.object({
  Id: z.uuid(),
  Mime_Type: z.string(),
  File_Name: z.string().nullable(),
  Size: z.number().int().min(0),
});
/** The file of a message that is not stored yet (`pending`) or cannot be stored. */
export const MissingMediaReference = z.object({
  State: MissingMediaState,
  Reason: z.string(),
  Mime_Type: z.string(),
  File_Name: z.string().nullable(),
  Size: z.number().int().min(0).nullable(),
  Limit: z.number().int().min(0).nullable(),
});
/** The user who wrote a message. A message of an API key has the key's creator. */
export const AuthorReference = z.object({
  Id: z.uuid(),
  Name: z.string().describe("the name when the event occurred"),
});
/** The participant of a group who wrote a message, reacted or voted. */
export const SenderReference = z.object({
  Name: z.string().describe("'' if WhatsApp reported none"),
  WhatsApp_Number: ClientNumber,
});
/** The message that another one replies to, as shown above the reply. */
export const QuotedReference = z.object({
  Id: z.uuid().nullable().describe("null: the original is not stored"),
  Direction,
  Type: MessageType,
  Body: z.string().describe("cut to a preview; of WhatsApp's copy if the original is not stored"),
  Author: AuthorReference.optional(),
  Sender: SenderReference.optional().describe("in a group: the participant who wrote it"),
  Revoked_At: Timestamp.nullable().optional().describe("set if the original was deleted"),
});
/** The current reaction to a message of one side of the chat, or of a participant of a group. */
export const Reaction = z.object({
  Emoji: z.string(),
  From: ChatSide,
  Sender: SenderReference.optional().describe("in a group: the participant who reacted"),
});
