import { z } from "zod";
import { Origin, WhatsAppChatId } from "./parts.ts";

/** The owner read a chat on the phone or on another device, up to this time. */
export const ReadJob = Origin.extend({
  waChatId: WhatsAppChatId,
  timestampMs: z.number().int().min(0),
});
export type ReadJob = z.infer<typeof ReadJob>;
