import {
  baseEnvironment,
  connectionLimit,
  flag,
  list,
  loadEnvironment,
  postgresUrl,
  pushEnvironment,
  redisUrl,
  webhookEnvironment,
} from "@syszap/platform";
import { z } from "zod";

/** Delays in seconds before the second and each further attempt: about 18 hours in total. */
const defaultBackoff = "5,30,120,600,1800,7200,18000,36000";
const backoff = list().transform((entries, context) => {
  const delays = entries.map(Number);
  if (delays.length > 0 && delays.every((delay) => delay >= 0 && delay <= 86_400)) return delays;
  context.addIssue("must list seconds such as 5,30,120, each at most a day");
  return z.NEVER;
});

const Environment = z
  .object({
    ...baseEnvironment,
    DATABASE_URL: postgresUrl(),
    SYSTEM_DATABASE_URL: postgresUrl(),
    DATABASE_CONNECTIONS: connectionLimit(31),
    /** False for a pooler in transaction mode without named prepared statements, such as PgBouncer before 1.21. */
    DATABASE_NAMED_STATEMENTS: flag().default(true),
    /** For notices about disabled endpoints, and to ask whether a page is used before a push. Sending works without Redis. */
    REDIS_URL: redisUrl(),
    ...webhookEnvironment,
    ...pushEnvironment,
    VAPID_PRIVATE_KEY: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/, "must be a P-256 key in base64url")
      .optional(),
    /** Whom push services contact about problems with our notices. */
    VAPID_SUBJECT: z.url({ protocol: /^(mailto|https?)$/, error: "must be mailto:… or https://…" }).optional(),
    /** Concurrent requests to all endpoints. */
    WEBHOOK_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(50),
    /** Concurrent requests to one endpoint. */
    WEBHOOK_ENDPOINT_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(4),
    /** From the DNS lookup to the status line of the response. */
    WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(30_000).default(10_000),
    WEBHOOK_BACKOFF_SECONDS: z.string().default(defaultBackoff).pipe(backoff),
    /** An endpoint is disabled when all its attempts of this period failed. */
    WEBHOOK_DISABLE_AFTER_HOURS: z.coerce.number().min(0).max(8_760).default(120),
    WEBHOOK_LOG_DAYS: z.coerce.number().int().min(1).max(365).default(14),
  })
  .superRefine((env, context) => {
    for (const name of ["VAPID_PRIVATE_KEY", "VAPID_SUBJECT"] as const)
      if (env.VAPID_PUBLIC_KEY !== undefined && env[name] === undefined)
        context.addIssue({ code: "custom", path: [name], message: "is required with VAPID_PUBLIC_KEY" });
    // Compose passes the address of the web app, which has no TLS on a machine for trials.
    if (env.VAPID_PUBLIC_KEY !== undefined && env.VAPID_SUBJECT?.startsWith("http:"))
      context.addIssue({ code: "custom", path: ["VAPID_SUBJECT"], message: "must be mailto:… or https://…" });
  });
export type Config = z.infer<typeof Environment>;

/** Throws an `EnvironmentError` that lists all invalid variables by name, never by value. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
