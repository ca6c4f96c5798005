import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { SessionDetail, SessionStatus, Timestamp } from "../vocabulary.ts";

/** The state of a session changed. */
export const sessionStatus = defineEvent("session_status", {
  sessionId: z.uuid(),
  status: SessionStatus,
  detail: SessionDetail.optional().describe("finer state, for display"),
  reason: z.string().optional().describe("a SessionReason; a newer connector may send other values"),
  timestamp: Timestamp,
});
