import { z } from "zod";
import { parseRedisAddress } from "./redis-address.ts";
import { StartError } from "./start-error.ts";
import { readVariableFiles } from "./variable-files.ts";

/** Invalid configuration. The message names each invalid variable and never contains a value. */
export class EnvironmentError extends StartError {
  override readonly name = "EnvironmentError";
}

/**
 * Validates the environment of a process. Throws one `EnvironmentError` for all invalid variables. Empty ones count as missing.
 * Each variable may also be given as the path of a file, in `NAME_FILE`.
 */
export function loadEnvironment<Schema extends z.ZodType>(schema: Schema, env: NodeJS.ProcessEnv): z.infer<Schema> {
  const { variables, faults } = readVariableFiles(env, variablesOf(schema));
  const result = schema.safeParse(variables);
  if (result.success && faults.size === 0) return result.data;
  for (const issue of result.error?.issues ?? []) {
    const name = issue.path.join(".") || "environment";
    const fault = variables[name] === undefined && issue.code !== "custom" ? "is missing" : issue.message;
    if (!faults.has(name)) faults.set(name, fault);
  }
  const lines = [...faults].map(([name, fault]) => `  ${name}: ${fault}`);
  throw new EnvironmentError(`Invalid environment\n${lines.join("\n")}`);
}

/** Names of the variables that a schema reads. */
function variablesOf(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return schema instanceof z.ZodPipe ? variablesOf(schema.in) : [];
}

/** An unset NODE_ENV means production, as in `baseEnvironment`. */
const isProduction = () => !["development", "test"].includes(process.env.NODE_ENV ?? "");
const demoWords = /demo|change-?me|example|insecure|secret-?here|^(.)\1+$/i;

/** A secret of at least 32 characters. Production refuses values that look like samples. There is no default. */
export const secret = () =>
  z
    .string()
    .min(32, "must have at least 32 characters")
    .refine(
      (value) => !(isProduction() && demoWords.test(value)),
      "is a demo value: generate a random one for production",
    );

/** Address of a single Redis, of one behind Sentinels, or of a Cluster; see `parseRedisAddress`. */
export const redisUrl = () =>
  z
    .string()
    .refine(
      (value) => parseRedisAddress(value) !== undefined,
      "must be redis://host:port, redis-sentinel://host:port,host:port/master-name or redis-cluster://host:port,host:port (rediss for TLS)",
    );

/** Address of the Redis for BullMQ's queues, which do not run on a Cluster. */
export const queueRedisUrl = () =>
  redisUrl().refine(
    (value) => parseRedisAddress(value)?.kind !== "cluster",
    "must name a single Redis, or one behind Sentinels: queues do not run on a Cluster",
  );

/** A postgres:// URL. Production requires a password of at least 16 characters that is not a sample value. */
export const postgresUrl = () =>
  z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).refine((value) => {
    if (!isProduction()) return true;
    const { password } = new URL(value);
    return password.length >= 16 && !demoWords.test(password);
  }, "needs a password of at least 16 characters that is not a demo value in production");

/** Connections of a process to Postgres, of both roles together. The sum of all processes must fit Postgres' `max_connections`. */
export const connectionLimit = (usual: number) => z.coerce.number().int().min(5).max(1_000).default(usual);

/** A boolean: true, 1, yes, on, y, enabled or their opposites. */
export const flag = () => z.stringbool({ error: "must be true or false" });

/** A comma-separated list; empty entries are removed. */
export const list = () =>
  z.string().transform((value) =>
    value
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  );

/** Variables of every process, to be spread into its own `z.object`. Port 0 selects a free port (used by tests). */
export const baseEnvironment = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("production"),
  /** Set by the image. Read by `serviceVersion`, and listed here because every process accepts it. */
  SYSZAP_VERSION: z.string().max(100).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535),
};
