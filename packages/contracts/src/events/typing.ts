import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, TypingState } from "../vocabulary.ts";

/** Somebody types in a chat: the client, or a colleague (then with `User_Id`). Ends by itself after 10 s. */
export const typing = defineEvent("typing", {
  Chat_Id: z.uuid(),
  State: TypingState,
  From: z.enum(["client", "colleague"]),
  User_Id: z.uuid().optional(),
  timestamp: Timestamp,
});
