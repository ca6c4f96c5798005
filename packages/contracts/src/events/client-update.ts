import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { ClientName, ClientNumber, Timestamp, Username } from "../vocabulary.ts";

/** The name, picture or last contact of a client changed. */
export const clientUpdate = defineEvent("client_update", {
  Id: z.uuid(),
  Name: ClientName,
  WhatsApp_Number: ClientNumber,
  Username: Username.nullable().optional().describe("WhatsApp user name, without @; null: none is known"),
  Profile_Pic_URL: z.string().nullable(),
  Last_Contact_At: Timestamp.nullable(),
  Merged_Into: z
    .uuid()
    .optional()
    .describe(
      "the client that this one was merged into; no further events about this client follow, unless the merge is undone",
    ),
  timestamp: Timestamp,
});
