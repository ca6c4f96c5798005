import type { Config } from "../config.ts";
import type { EngineRegistry } from "./engine.ts";
import { createRemote, type Hosting, RemotePhones } from "./host/index.ts";
import { createSimulator, SimulatedPhones, simulatorDefaults } from "./simulator/index.ts";
import type { OrderedPhone } from "./simulator/simulated-phones.ts";

export interface Engines {
  registry: EngineRegistry;
  phones: { find(sessionId: string): OrderedPhone | undefined };
}

/** Every engine that this connector runs, by its name; a new one is one line here, and one where hosts build theirs. */
export function createEngines(config: Config, hosting: Hosting): Engines {
  const wppconnect = createRemote(
    {
      name: "wppconnect",
      options: {
        ...(config.CHROMIUM_PATH !== undefined && { chromiumPath: config.CHROMIUM_PATH }),
        ...(config.WHATSAPP_WEB_STAND_IN !== undefined && { standIn: config.WHATSAPP_WEB_STAND_IN }),
      },
    },
    hosting,
  );
  if (!config.SIMULATOR_ENABLED) return { registry: { wppconnect }, phones: new SimulatedPhones() };
  const options = simulatorOptions(config);
  if (config.SIMULATOR_IN_PROCESS) {
    const phones = new SimulatedPhones();
    return { registry: { wppconnect, simulator: createSimulator(options, phones) }, phones };
  }
  const phones = new RemotePhones();
  const simulator = createRemote({ name: "simulator", options }, hosting, (engine, id) => phones.add(id, engine));
  return { registry: { wppconnect, simulator }, phones };
}

const simulatorOptions = (config: Config) => ({
  ...simulatorDefaults,
  seed: config.SIMULATOR_SEED,
  scanAfterMs: config.SIMULATOR_SCAN_AFTER_MS,
  qrRotateMs: config.SIMULATOR_QR_ROTATE_MS,
  messagesPerMinute: config.SIMULATOR_MESSAGES_PER_MINUTE,
});
