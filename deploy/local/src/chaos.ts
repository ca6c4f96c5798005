import { measure } from "./measure.ts";

/** `npm run chaos`: see packages/testing/chaos. */
export const run = (args: string[]): Promise<void> => measure("chaos", args);
