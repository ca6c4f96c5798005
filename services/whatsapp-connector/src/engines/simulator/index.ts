export { simulatorControl } from "./control.ts";
export { type SimulatorOptions, simulatorDefaults } from "./options.ts";
export { createSimulator } from "./simulator-engine.ts";
