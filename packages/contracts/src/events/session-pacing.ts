import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { PacingCause, PacingState, Timestamp } from "../vocabulary.ts";

/** Sending was slowed or stopped to protect the number, or was resumed. `GET /v1/sessions/{id}/pacing` returns the current state. */
export const sessionPacing = defineEvent("session_pacing", {
  sessionId: z.uuid(),
  state: PacingState,
  cause: PacingCause.optional().describe("absent while sending is not limited"),
  remaining: z.number().int().min(0).nullable().describe("messages left in the hourly budget; null: no limit"),
  resetsAt: Timestamp.nullable().describe("when sending resumes"),
  timestamp: Timestamp,
});
