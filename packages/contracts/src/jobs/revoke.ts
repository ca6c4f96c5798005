import { z } from "zod";
import { MessageKey } from "./parts.ts";

/** A message was deleted for everyone by whoever wrote it. */
export const RevokeJob = MessageKey.extend({ timestampMs: z.number().int().min(0) });
export type RevokeJob = z.infer<typeof RevokeJob>;
