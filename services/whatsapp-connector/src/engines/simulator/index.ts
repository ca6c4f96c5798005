export { simulatorControl } from "./control.ts";
export { type SimulatorOptions, simulatorDefaults } from "./options.ts";
export { SimulatedPhones } from "./simulated-phones.ts";
export { createSimulator } from "./simulator-engine.ts";
