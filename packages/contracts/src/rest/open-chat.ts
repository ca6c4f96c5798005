import { z } from "zod";
import { WhatsAppNumber } from "../vocabulary.ts";
import { storable } from "./requests.ts";

/** `name`: what to call the person until WhatsApp tells theirs. */
export const OpenChatRequest = z.object({
  sessionId: z.uuid(),
  number: WhatsAppNumber,
  name: storable(z.string().trim().min(1).max(500)).optional(),
});
export type OpenChatRequest = z.infer<typeof OpenChatRequest>;
