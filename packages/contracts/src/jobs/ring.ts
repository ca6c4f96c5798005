import type { z } from "zod";
import { Origin } from "./parts.ts";

/** On a session's own queue: a row waits to be sent. Says no more than that, the owner takes the rows from Postgres. */
export const RingJob = Origin;
export type RingJob = z.infer<typeof RingJob>;
export const ringJobName = "ring";
