import { z } from "zod";
import { Origin } from "./parts.ts";

/** The owner read a chat on the phone or on another device, up to this time. */
export const ReadJob = Origin.extend({
  waChatId: z.string().min(1).max(200),
  timestampMs: z.number().int().min(0),
});
export type ReadJob = z.infer<typeof ReadJob>;
