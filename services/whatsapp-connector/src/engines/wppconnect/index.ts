export { createWppconnectEngine, type WppconnectOptions } from "./wppconnect-engine.ts";
