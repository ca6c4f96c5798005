import type { EngineName } from "@syszap/contracts";
import type { z } from "zod";
import type { EngineDefinition } from "../contract/definition.ts";
import { simulator } from "../simulator/definition.ts";
import { wppconnect } from "../wppconnect/definition.ts";

/** Every engine of the connector. A name of @syszap/contracts without a definition does not compile. */
export const engineDefinitions: { readonly [Name in EngineName]: EngineDefinition<Name> } = { simulator, wppconnect };

/** Schemas of the environment variables of all engines. */
export const engineEnvironment = { ...simulator.environment, ...wppconnect.environment };
export type EngineEnvironment = z.infer<z.ZodObject<typeof engineEnvironment>>;

/** An engine and the options that it is created with. Can be sent to another process. */
export interface EngineSpec {
  name: EngineName;
  /** The options that `optionsFrom` of the same engine returned. */
  options: object;
}
