import { z } from "zod";
import { Direction, MessageType, MissingMediaState } from "../vocabulary.ts";

/** A file that came with a message. It is fetched from `/v1/media/{Id}` with the caller's own token. */
export const MediaReference = z.object({
  Id: z.uuid(),
  Mime_Type: z.string(),
  File_Name: z.string().nullable(),
  Size: z.number().int().min(0),
});
/** A file that a message has in WhatsApp and that is not here: yet (`pending`), or for good. */
export const MissingMediaReference = z.object({
  State: MissingMediaState,
  Reason: z.string(),
  Mime_Type: z.string(),
  File_Name: z.string().nullable(),
  Size: z.number().int().min(0).nullable(),
  Limit: z.number().int().min(0).nullable(),
});
/** What is shown of a message above its answer. */
export const QuotedReference = z.object({
  Id: z.uuid(),
  Direction,
  Type: MessageType,
  Body: z.string().describe("a preview"),
});
/** One person's current reaction to a message. */
export const Reaction = z.object({ Emoji: z.string(), From: z.enum(["client", "company"]) });
