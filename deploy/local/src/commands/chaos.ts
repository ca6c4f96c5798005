import { measure } from "./measure.ts";

/** `npm run chaos`: runs fault scenarios, see packages/chaos. */
export const run = (args: string[]): Promise<void> => measure("chaos", args);
