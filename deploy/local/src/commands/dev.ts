import { supervise } from "../system/supervise.ts";

/** `npm run dev`: runs everything from source and restarts a service when its files change. */
export const run = (args: string[]): Promise<void> => supervise(args, { isDevelopment: true });
