import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, TypingState } from "../vocabulary.ts";

/** The client, or a colleague (then with `User_Id`), is typing in a chat. Expires after 10 s unless it is repeated. */
export const typing = defineEvent("typing", {
  Chat_Id: z.uuid(),
  State: TypingState,
  From: z.enum(["client", "colleague"]),
  User_Id: z.uuid().optional(),
  timestamp: Timestamp,
});
