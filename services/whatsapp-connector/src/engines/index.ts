import { EngineName } from "@syszap/contracts";
import type { Config } from "../config.ts";
import type { CreateEngine, EngineRegistry } from "./contract/engine.ts";
import { createRemote, type Hosting, RemotePhones } from "./host/index.ts";
import { createEngine, type EngineOptions, type EngineSpec } from "./registry/registry.ts";
import { SimulatedPhones, simulatorDefaults } from "./simulator/index.ts";
import type { OrderedPhone } from "./simulator/simulated-phones.ts";

export interface Engines {
  registry: EngineRegistry;
  phones: { find(sessionId: string): OrderedPhone | undefined };
}

/** Every engine that this connector runs, by its name: each in a process of its own, save simulated phones where so configured. */
export function createEngines(config: Config, hosting: Hosting): Engines {
  const options = optionsOf(config);
  const near = new SimulatedPhones();
  const far = new RemotePhones();
  const create = (name: EngineName): CreateEngine => {
    if (name === "simulator" && config.SIMULATOR_IN_PROCESS) return createEngine(name, options[name], near);
    const spec = { name, options: options[name] } as EngineSpec;
    return createRemote(spec, hosting, name === "simulator" ? (engine, id) => far.add(id, engine) : undefined);
  };
  const names = EngineName.options.filter((name) => name !== "simulator" || config.SIMULATOR_ENABLED);
  return {
    registry: Object.fromEntries(names.map((name) => [name, create(name)])),
    phones: config.SIMULATOR_IN_PROCESS ? near : far,
  };
}

const optionsOf = (config: Config): EngineOptions => ({
  wppconnect: {
    ...(config.CHROMIUM_PATH !== undefined && { chromiumPath: config.CHROMIUM_PATH }),
    ...(config.WHATSAPP_WEB_STAND_IN !== undefined && { standIn: config.WHATSAPP_WEB_STAND_IN }),
  },
  simulator: {
    ...simulatorDefaults,
    seed: config.SIMULATOR_SEED,
    scanAfterMs: config.SIMULATOR_SCAN_AFTER_MS,
    qrRotateMs: config.SIMULATOR_QR_ROTATE_MS,
    messagesPerMinute: config.SIMULATOR_MESSAGES_PER_MINUTE,
  },
});
