export type { WppconnectOptions } from "./options.ts";
export { createWppconnectEngine } from "./wppconnect-engine.ts";
