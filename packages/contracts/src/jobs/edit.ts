import { z } from "zod";
import { FactKey, WhatsAppKey } from "./parts.ts";

/** The author changed the text of a message. */
export const EditJob = FactKey.extend({
  editKey: WhatsAppKey,
  body: z.string().max(200_000),
  timestampMs: z.number().int().min(0),
});
export type EditJob = z.infer<typeof EditJob>;
