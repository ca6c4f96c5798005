import { flag } from "@syszap/platform";
import { z } from "zod";
import { defineEngine } from "../contract/definition.ts";
import { type SimulatorOptions, simulatorDefaults } from "./options.ts";
import { phoneCommands } from "./phone-control.ts";
import { createSimulator } from "./simulator-engine.ts";

const milliseconds = () => z.coerce.number().int().min(0).max(86_400_000);

/** Simulates phones and customers, for the demo and for tests. */
export const simulator = defineEngine({
  name: "simulator",
  environment: {
    SIMULATOR_ENABLED: flag().default(false),
    /** False: each simulated phone has its own process, as real engines do. */
    SIMULATOR_IN_PROCESS: flag().default(true),
    SIMULATOR_CONTROL: flag().default(false),
    SIMULATOR_SEED: z.string().min(1).max(200).default("syszap"),
    SIMULATOR_SCAN_AFTER_MS: milliseconds().default(0),
    SIMULATOR_QR_ROTATE_MS: milliseconds().pipe(z.number().min(20)).default(20_000),
    SIMULATOR_MESSAGES_PER_MINUTE: z.coerce.number().min(0).max(60_000).default(0),
  },
  isEnabled: ({ SIMULATOR_ENABLED }) => SIMULATOR_ENABLED,
  runsInConnector: ({ SIMULATOR_IN_PROCESS }) => SIMULATOR_IN_PROCESS,
  optionsFrom: (environment): SimulatorOptions => ({
    ...simulatorDefaults,
    seed: environment.SIMULATOR_SEED,
    scanAfterMs: environment.SIMULATOR_SCAN_AFTER_MS,
    qrRotateMs: environment.SIMULATOR_QR_ROTATE_MS,
    messagesPerMinute: environment.SIMULATOR_MESSAGES_PER_MINUTE,
  }),
  create: createSimulator,
  controlMethods: phoneCommands,
});
