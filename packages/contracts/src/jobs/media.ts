import { z } from "zod";
import { MessageKey, MissingFile, StoredFile } from "./parts.ts";

/** What became of a message's file after the message itself was told: it is here, or why it will not come by itself any more. */
export const MediaJob = MessageKey.extend({
  media: StoredFile.optional(),
  missingMedia: MissingFile.optional(),
  /** Counts the tries for this file, so that each end of them is a fact of its own. */
  attempt: z.number().int().min(0),
  timestampMs: z.number().int().min(0),
});
export type MediaJob = z.infer<typeof MediaJob>;
