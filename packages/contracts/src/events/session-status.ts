import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { SessionDetail, SessionStatus, Timestamp } from "../vocabulary.ts";

/** A session changed state. Durable: every browser of the company sees each change once, in order. */
export const sessionStatus = defineEvent("session_status", {
  sessionId: z.uuid(),
  status: SessionStatus,
  detail: SessionDetail.optional().describe("finer state, for people and dashboards"),
  reason: z.string().optional().describe("a SessionReason; a newer connector may give others"),
  timestamp: Timestamp,
});
