import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** Number of open connections of the company on all gateways. Sent to managers, at most once a second. */
export const liveStats = defineEvent("live_stats", {
  totalConnections: z.number().int().min(0),
  gateways: z.number().int().min(0),
  timestamp: Timestamp,
});
