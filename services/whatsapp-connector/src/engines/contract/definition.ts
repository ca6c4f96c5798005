import type { EngineName } from "@syszap/contracts";
import type { z } from "zod";
import type { CreateEngine } from "./engine.ts";

/**
 * Everything that the connector knows of an engine before it runs. What the REST API and the page must know of it is in
 * the table `engines` of @syszap/contracts.
 */
export interface EngineDefinition<
  Name extends EngineName = EngineName,
  Environment extends z.ZodRawShape = z.ZodRawShape,
  Options extends object = object,
> {
  readonly name: Name;
  /** Schemas of the engine's environment variables; they are part of the connector's configuration. */
  readonly environment: Environment;
  /** Derives the engine's options. They may be sent to another process, so they must be structured-cloneable. */
  optionsFrom(environment: z.infer<z.ZodObject<Environment>>): Options;
  create(options: Options): CreateEngine;
  /** Absent: every connector runs the engine. */
  isEnabled?(environment: z.infer<z.ZodObject<Environment>>): boolean;
  /** Whether the engine runs in the connector's own process. Absent: each session's engine has its own process. */
  runsInConnector?(environment: z.infer<z.ZodObject<Environment>>): boolean;
  /** Methods of the engine's control, see `EngineControls`. Absent: it has none. */
  readonly controlMethods?: readonly string[];
}

/** Infers the types of a definition, and checks it. */
export const defineEngine = <Name extends EngineName, Environment extends z.ZodRawShape, Options extends object>(
  definition: EngineDefinition<Name, Environment, Options>,
): EngineDefinition<Name, Environment, Options> => definition;
