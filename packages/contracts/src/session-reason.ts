import { z } from "zod";
import { sessionReasons } from "./constants/index.ts";

export const SessionReason = z.enum(sessionReasons);
export type SessionReason = z.infer<typeof SessionReason>;
