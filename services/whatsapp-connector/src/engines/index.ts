import { EngineControls } from "./contract/controls.ts";
import type { CreateEngine, EngineRegistry } from "./contract/engine.ts";
import { createRemote, type Hosting } from "./host/index.ts";
import { type EngineEnvironment, engineDefinitions } from "./registry/registry.ts";

export interface Engines {
  registry: EngineRegistry;
  controls: EngineControls;
}

/** Creates the factories of all engines that this connector runs. */
export function createEngines(environment: EngineEnvironment, hosting: Hosting): Engines {
  const controls = new EngineControls();
  const enabled = Object.values(engineDefinitions).filter(({ isEnabled }) => isEnabled?.(environment) ?? true);
  const registry = enabled.map((definition): [string, CreateEngine] => {
    const { name } = definition;
    const options = definition.optionsFrom(environment);
    const isLocal = definition.runsInConnector?.(environment) ?? false;
    const create = isLocal ? definition.create(options) : createRemote({ name, options }, hosting);
    return [name, (context) => create({ ...context, controls })];
  });
  return { registry: Object.fromEntries(registry), controls };
}
