import { z } from "zod";
import { MessageKey } from "./parts.ts";

/** The author deleted a message for everyone. */
export const RevokeJob = MessageKey.extend({ timestampMs: z.number().int().min(0) });
export type RevokeJob = z.infer<typeof RevokeJob>;
