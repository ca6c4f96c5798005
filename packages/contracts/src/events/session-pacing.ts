import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** A session's sending budget changed so far that people should know. */
export const sessionPacing = defineEvent(
  "session_pacing",
  { durable: false },
  {
    sessionId: z.uuid(),
    state: z.enum(["ok", "slowed", "exhausted"]),
    remaining: z.number().int().min(0),
    resetsAt: Timestamp.nullable(),
    timestamp: Timestamp,
  },
);
