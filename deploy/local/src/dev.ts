import { supervise } from "./supervise.ts";

/** `npm run dev`: everything from its sources, started again when they change. */
export const run = (args: string[]): Promise<void> => supervise(args, { isDevelopment: true });
