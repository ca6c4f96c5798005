import type { Config } from "../config.ts";
import type { EngineRegistry } from "./engine.ts";
import { createSimulator, SimulatedPhones, simulatorDefaults } from "./simulator/index.ts";
import { createWppconnectEngine } from "./wppconnect/index.ts";

type EngineConfig = Pick<
  Config,
  | "CHROMIUM_PATH"
  | "WHATSAPP_WEB_STAND_IN"
  | "SIMULATOR_ENABLED"
  | "SIMULATOR_SEED"
  | "SIMULATOR_SCAN_AFTER_MS"
  | "SIMULATOR_QR_ROTATE_MS"
  | "SIMULATOR_MESSAGES_PER_MINUTE"
>;

/** Every engine that this connector runs, by its name; a new one is one line here. */
export function createEngines(config: EngineConfig): { registry: EngineRegistry; phones: SimulatedPhones } {
  const phones = new SimulatedPhones();
  const registry: EngineRegistry = {
    wppconnect: createWppconnectEngine({
      ...(config.CHROMIUM_PATH !== undefined && { chromiumPath: config.CHROMIUM_PATH }),
      ...(config.WHATSAPP_WEB_STAND_IN !== undefined && { standIn: config.WHATSAPP_WEB_STAND_IN }),
    }),
    ...(config.SIMULATOR_ENABLED && { simulator: createSimulator(simulatorOptions(config), phones) }),
  };
  return { registry, phones };
}

const simulatorOptions = (config: EngineConfig) => ({
  ...simulatorDefaults,
  seed: config.SIMULATOR_SEED,
  scanAfterMs: config.SIMULATOR_SCAN_AFTER_MS,
  qrRotateMs: config.SIMULATOR_QR_ROTATE_MS,
  messagesPerMinute: config.SIMULATOR_MESSAGES_PER_MINUTE,
});
