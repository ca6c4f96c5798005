import { supervise } from "./supervise.ts";

/** `npm start`: everything, from bundles. */
export const run = (args: string[]): Promise<void> => supervise(args, { isDevelopment: false });
