import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, WhatsAppNumber } from "../vocabulary.ts";

/** An unknown number wrote for the first time and was registered as a client. */
export const newClient = defineEvent("new_client", {
  Id: z.uuid(),
  Name: z.string(),
  WhatsApp_Number: WhatsAppNumber,
  Profile_Pic_URL: z.string().nullable(),
  Company_Id: z.uuid(),
  timestamp: Timestamp,
});
