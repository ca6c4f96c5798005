import type { EngineRegistry } from "../src/engines/engine.ts";
import { createSimulator, SimulatedPhones, simulatorDefaults } from "../src/engines/simulator/index.ts";
import { createWppconnectEngine } from "../src/engines/wppconnect/index.ts";

/** Every engine, in this process as in its host's: silent customers, and codes that wait for a scan. A new engine is one line here. */
export function enginesWith(standIn?: string): { registry: Required<EngineRegistry>; phones: SimulatedPhones } {
  const phones = new SimulatedPhones();
  const chromiumPath = process.env.CHROMIUM_PATH;
  return {
    registry: {
      simulator: createSimulator(
        { ...simulatorDefaults, seed: "conformance", scanAfterMs: 0, messagesPerMinute: 0 },
        phones,
      ),
      wppconnect: createWppconnectEngine({
        ...(chromiumPath !== undefined && { chromiumPath }),
        ...(standIn !== undefined && { standIn }),
      }),
    },
    phones,
  };
}
