import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { MessageContent } from "../message-content.ts";
import { Timestamp } from "../vocabulary.ts";
import { AuthorReference, MediaReference, MissingMediaReference, Reaction } from "./message-parts.ts";

/** The content of a message changed. Carries the complete current state, so receivers need only the newest version. */
export const messageUpdate = defineEvent("message_update", {
  Id: z.uuid(),
  Chat_Id: z.uuid(),
  Change: z.enum(["edited", "revoked", "reaction", "media", "vote", "location"]),
  Body: z.string(),
  Author: AuthorReference.optional().describe("the user who wrote the message, also when another one changed it"),
  Edited_At: Timestamp.nullable(),
  Revoked_At: Timestamp.nullable(),
  Reactions: z.array(Reaction),
  Media: MediaReference.nullable().optional().describe("absent (older servers): unchanged"),
  Missing_Media: MissingMediaReference.nullable().optional(),
  Content: MessageContent.nullable().optional(),
  timestamp: Timestamp,
});
