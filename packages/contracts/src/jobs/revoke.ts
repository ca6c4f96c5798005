import { z } from "zod";
import { FactKey } from "./parts.ts";

/** The author deleted a message for everyone. */
export const RevokeJob = FactKey.extend({ timestampMs: z.number().int().min(0) });
export type RevokeJob = z.infer<typeof RevokeJob>;
