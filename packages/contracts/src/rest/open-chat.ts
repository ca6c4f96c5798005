import { z } from "zod";
import { WhatsAppNumber } from "../vocabulary.ts";
import { visibleText } from "./requests.ts";

/** `name` is shown until WhatsApp reports the client's name. */
export const OpenChatRequest = z.object({
  sessionId: z.uuid(),
  number: WhatsAppNumber,
  name: visibleText(500).optional(),
});
export type OpenChatRequest = z.infer<typeof OpenChatRequest>;
