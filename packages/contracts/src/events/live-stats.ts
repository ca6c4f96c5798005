import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** How many browsers of the company are connected, over all gateways. For admins, at most once a second. */
export const liveStats = defineEvent("live_stats", {
  totalConnections: z.number().int().min(0),
  gateways: z.number().int().min(0),
  timestamp: Timestamp,
});
