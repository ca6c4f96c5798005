import { supervise } from "../system/supervise.ts";

/** `npm start`: builds and runs everything. */
export const run = (args: string[]): Promise<void> => supervise(args, { isDevelopment: false });
