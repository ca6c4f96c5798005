import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/**
 * Asks the open pages of some users whether somebody uses them; such a page answers with the frame `present`. Users without an answer
 * receive a push notice for new messages. Other clients ignore it.
 */
export const presenceCheck = defineEvent("presence_check", { Check_Id: z.uuid(), timestamp: Timestamp });
