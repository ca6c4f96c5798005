import type { EngineName } from "@syszap/contracts";
import type { CreateEngine } from "../contract/engine.ts";
import { createSimulator, type SimulatedPhones, type SimulatorOptions } from "../simulator/index.ts";
import { createWppconnectEngine, type WppconnectOptions } from "../wppconnect/index.ts";

export interface EngineOptions {
  wppconnect: WppconnectOptions;
  simulator: SimulatorOptions;
}
/** An engine and all that it is built from; may be told to another process. */
export type EngineSpec = { [Name in EngineName]: { name: Name; options: EngineOptions[Name] } }[EngineName];

/** Every engine there is: a new one is one line here. Simulated phones can be found in `phones` while they run. */
const everyEngine: {
  [Name in EngineName]: (options: EngineOptions[Name], phones: SimulatedPhones) => CreateEngine;
} = {
  wppconnect: createWppconnectEngine,
  simulator: createSimulator,
};

/** In this process. */
export function createEngine<Name extends EngineName>(
  name: Name,
  options: EngineOptions[Name],
  phones: SimulatedPhones,
): CreateEngine {
  return everyEngine[name](options, phones);
}
