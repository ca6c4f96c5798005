import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** A notice for people, shown on every page that is open; what `broadcastToAll` carries. */
export const announcement = defineEvent("announcement", {
  title: z.string().min(1).max(200),
  body: z.string().max(2_000),
  level: z.enum(["info", "warning", "critical"]),
  timestamp: Timestamp,
});
