import { measure } from "./measure.ts";

/** `npm run bench`: runs benchmarks, see packages/bench. */
export const run = (args: string[]): Promise<void> => measure("bench", args);
