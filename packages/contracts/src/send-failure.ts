import { z } from "zod";
import { sendFailures } from "./constants/index.ts";

export const SendFailure = z.enum(sendFailures);
export type SendFailure = z.infer<typeof SendFailure>;
