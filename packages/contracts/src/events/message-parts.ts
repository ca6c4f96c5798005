import { z } from "zod";

/** A file that came with a message. It is fetched from `/v1/media/{Id}` with the caller's own token. */
export const MediaReference = z.object({
  Id: z.uuid(),
  Mime_Type: z.string(),
  File_Name: z.string().nullable(),
  Size: z.number().int().min(0),
});
/** One person's current reaction to a message. */
export const Reaction = z.object({ Emoji: z.string(), From: z.enum(["client", "company"]) });
