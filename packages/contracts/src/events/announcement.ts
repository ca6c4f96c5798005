import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/** A notice to users, shown on every open page. Sent by the broadcast operation. */
export const announcement = defineEvent("announcement", {
  title: z.string().min(1).max(200),
  body: z.string().max(2_000),
  level: z.enum(["info", "warning", "critical"]),
  timestamp: Timestamp,
});
