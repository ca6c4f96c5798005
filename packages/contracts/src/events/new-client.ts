import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { ClientName, ClientNumber, Timestamp, Username } from "../vocabulary.ts";

/** An unknown number wrote for the first time and was registered as a client. */
export const newClient = defineEvent("new_client", {
  Id: z.uuid(),
  Name: ClientName,
  WhatsApp_Number: ClientNumber,
  Username: Username.nullable().optional().describe("WhatsApp user name, without @; null: none is known"),
  Profile_Pic_URL: z.string().nullable(),
  Company_Id: z.uuid(),
  timestamp: Timestamp,
});
