import { z } from "zod";
import { FactKey } from "./parts.ts";

/** A receipt of WhatsApp for a sent message. */
export const AckJob = FactKey.extend({
  status: z.enum(["sent", "delivered", "read", "played", "failed"]),
  reason: z.string().max(500).optional(),
  timestampMs: z.number().int().min(0),
});
export type AckJob = z.infer<typeof AckJob>;
