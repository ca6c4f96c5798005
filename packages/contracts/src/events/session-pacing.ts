import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { PacingCause, PacingState, Timestamp } from "../vocabulary.ts";

/** Sending is held back to protect the number, or is so no more. Whoever missed it asks `GET /v1/sessions/{id}/pacing`. */
export const sessionPacing = defineEvent("session_pacing", {
  sessionId: z.uuid(),
  state: PacingState,
  cause: PacingCause.optional().describe("absent when nothing is held back"),
  remaining: z.number().int().min(0).nullable().describe("of the hourly budget; null: there is no limit"),
  resetsAt: Timestamp.nullable().describe("when what is held back may go on"),
  timestamp: Timestamp,
});
