import { measure } from "./measure.ts";

/** `npm run bench`: see packages/testing/bench. */
export const run = (args: string[]): Promise<void> => measure("bench", args);
