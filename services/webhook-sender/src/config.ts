import { baseEnvironment, list, loadEnvironment, postgresUrl, redisUrl, webhookEnvironment } from "@syszap/platform";
import { z } from "zod";

/** Delays in seconds before the second and each further attempt: about 18 hours in total. */
const defaultBackoff = "5,30,120,600,1800,7200,18000,36000";
const backoff = list().transform((entries, context) => {
  const delays = entries.map(Number);
  if (delays.length > 0 && delays.every((delay) => delay >= 0 && delay <= 86_400)) return delays;
  context.addIssue("must list seconds such as 5,30,120, each at most a day");
  return z.NEVER;
});

const Environment = z.object({
  ...baseEnvironment,
  DATABASE_URL: postgresUrl(),
  SYSTEM_DATABASE_URL: postgresUrl(),
  /** Used only to notify users that an endpoint was disabled. Events are sent without Redis. */
  REDIS_URL: redisUrl(),
  ...webhookEnvironment,
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
});
export type Config = z.infer<typeof Environment>;

/** Throws an `EnvironmentError` that lists all invalid variables by name, never by value. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
