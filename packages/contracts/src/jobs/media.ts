import { z } from "zod";
import { FactKey, MissingFile, StoredFile } from "./parts.ts";

/** The download of a message's file ended after the message was stored: the file, or why it is missing. */
export const MediaJob = FactKey.extend({
  media: StoredFile.optional(),
  missingMedia: MissingFile.optional(),
  /** Number of the download attempt. Each attempt is a separate fact. */
  attempt: z.number().int().min(0),
  timestampMs: z.number().int().min(0),
});
export type MediaJob = z.infer<typeof MediaJob>;
