import { createEngines } from "../src/engines/index.ts";

/** The connector's own registry, as its configuration makes it: silent customers, and codes that wait for a scan. */
export const enginesWith = (config: Partial<Parameters<typeof createEngines>[0]> = {}) =>
  createEngines({
    CHROMIUM_PATH: process.env.CHROMIUM_PATH,
    WHATSAPP_WEB_STAND_IN: undefined,
    SIMULATOR_ENABLED: true,
    SIMULATOR_SEED: "conformance",
    SIMULATOR_SCAN_AFTER_MS: 0,
    SIMULATOR_QR_ROTATE_MS: 20_000,
    SIMULATOR_MESSAGES_PER_MINUTE: 0,
    ...config,
  });
