import type { z } from "zod";
import type { SenderReference } from "./events/message-parts.ts";
import type { Participant } from "./message-content.ts";

/** The form of participants in events. */
export const toSenderReference = ({ name, number }: Participant): z.infer<typeof SenderReference> => ({
  Name: name ?? "",
  WhatsApp_Number: number ?? "",
});
