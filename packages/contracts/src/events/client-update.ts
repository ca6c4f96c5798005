import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, WhatsAppNumber } from "../vocabulary.ts";

/** The name, picture or last contact of a client changed. */
export const clientUpdate = defineEvent("client_update", {
  Id: z.uuid(),
  Name: z.string(),
  WhatsApp_Number: WhatsAppNumber,
  Profile_Pic_URL: z.string().nullable(),
  Last_Contact_At: Timestamp.nullable(),
  Merged_Into: z
    .uuid()
    .optional()
    .describe("the client that this one was merged into; no further events about this client follow"),
  timestamp: Timestamp,
});
