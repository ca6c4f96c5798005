import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/**
 * A chat left the reach of the receiver: the receiver removes the chat and its messages. `version` is the chat's version. A later
 * `chat_update` of the same version or a newer one returns the chat.
 */
export const chatGone = defineEvent("chat_gone", {
  Id: z.uuid().describe("the chat to remove"),
  timestamp: Timestamp,
});
