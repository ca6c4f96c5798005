import { EngineName } from "@syszap/contracts";
import type { EngineRegistry } from "../src/engines/contract/engine.ts";
import { createEngine, type EngineOptions } from "../src/engines/registry/registry.ts";
import { SimulatedPhones, simulatorDefaults } from "../src/engines/simulator/index.ts";

/** Every engine, in this process as in its host's: silent customers, and codes that wait for a scan. */
export function enginesWith(standIn?: string): { registry: Required<EngineRegistry>; phones: SimulatedPhones } {
  const phones = new SimulatedPhones();
  const chromiumPath = process.env.CHROMIUM_PATH;
  const options: EngineOptions = {
    simulator: { ...simulatorDefaults, seed: "conformance", scanAfterMs: 0, messagesPerMinute: 0 },
    wppconnect: {
      ...(chromiumPath !== undefined && { chromiumPath }),
      ...(standIn !== undefined && { standIn }),
    },
  };
  const registry = Object.fromEntries(
    EngineName.options.map((name) => [name, createEngine(name, options[name], phones)]),
  ) as Required<EngineRegistry>;
  return { registry, phones };
}
