import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, WhatsAppNumber } from "../vocabulary.ts";

/** A client's name, picture or last contact changed. */
export const clientUpdate = defineEvent("client_update", {
  Id: z.uuid(),
  Name: z.string(),
  WhatsApp_Number: WhatsAppNumber,
  Profile_Pic_URL: z.string().nullable(),
  Last_Contact_At: Timestamp.nullable(),
  /** It turned out to be this one, which holds all of it now; nothing more is told of it. */
  Merged_Into: z.uuid().optional(),
  timestamp: Timestamp,
});
