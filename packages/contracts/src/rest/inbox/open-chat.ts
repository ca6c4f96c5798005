import { z } from "zod";
import { WhatsAppNumber } from "../../vocabulary.ts";
import { storable } from "../requests.ts";

/** `name` is shown until WhatsApp reports the client's name. */
export const OpenChatRequest = z.object({
  sessionId: z.uuid(),
  number: WhatsAppNumber,
  name: storable(z.string().trim().min(1).max(500)).optional(),
});
export type OpenChatRequest = z.infer<typeof OpenChatRequest>;
