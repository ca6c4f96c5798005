import { z } from "zod";
import { parseRedisAddress } from "./redis-address.ts";

/** Thrown before anything is opened; its message names each bad variable, never a value. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Reads a process's configuration once. Reports every bad variable at once, by name and never by value. */
export function loadEnvironment<Schema extends z.ZodType>(schema: Schema, env: NodeJS.ProcessEnv): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const name = issue.path.join(".") || "environment";
    return `  ${name}: ${given[name] === undefined && issue.code !== "custom" ? "is missing" : issue.message}`;
  });
  throw new EnvironmentError(`Invalid environment\n${[...new Set(faults)].join("\n")}`);
}

/** Also when nobody said so: `baseEnvironment` takes an unset NODE_ENV for production. */
const isProduction = () => !["development", "test"].includes(process.env.NODE_ENV ?? "");
const demoWords = /demo|change-?me|example|insecure|secret-?here|^(.)\1+$/i;

/** At least 32 characters; what looks like a sample value is refused in production. No defaults: a secret is given or the start fails. */
export const secret = () =>
  z
    .string()
    .min(32, "must have at least 32 characters")
    .refine((value) => !(isProduction() && demoWords.test(value)), "is a demo value: make a random one for production");

/** One Redis, one behind Sentinels, or a Cluster: see `parseRedisAddress`. */
export const redisUrl = () =>
  z
    .string()
    .refine(
      (value) => parseRedisAddress(value) !== undefined,
      "must be redis://host:port, redis-sentinel://host:port,host:port/master-name or redis-cluster://host:port,host:port (rediss for TLS)",
    );

/** As above, but no Cluster: BullMQ's queues stay on one Redis. */
export const queueRedisUrl = () =>
  redisUrl().refine(
    (value) => parseRedisAddress(value)?.kind !== "cluster",
    "must name one Redis, or one behind Sentinels: queues do not live on a Cluster",
  );

/** `postgres://`; in production its password must not be missing or a demo value. */
export const postgresUrl = () =>
  z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).refine((value) => {
    if (!isProduction()) return true;
    const { password } = new URL(value);
    return password.length >= 16 && !demoWords.test(password);
  }, "needs a password of at least 16 characters that is no demo value in production");

/** "true", "false", "1", "0", "yes", "no"; anything else is refused. */
export const flag = () => z.stringbool({ error: "must be true or false" });

/** Comma-separated list without empty entries. */
export const list = () =>
  z.string().transform((value) =>
    value
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  );

/** What every process reads; spread into its own `z.object`. `PORT` 0 takes a free one (tests). */
export const baseEnvironment = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("production"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  HOST: z.string().min(1).default("0.0.0.0"),
  PORT: z.coerce.number().int().min(0).max(65_535),
};
