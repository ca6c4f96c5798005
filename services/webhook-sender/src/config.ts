import { baseEnvironment, list, loadEnvironment, postgresUrl, redisUrl, webhookEnvironment } from "@syszap/platform";
import { z } from "zod";

/** In seconds, before the second and each further attempt: about 18 hours in all. */
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
  /** Only to tell people that an endpoint was disabled: events are sent without it. */
  REDIS_URL: redisUrl(),
  ...webhookEnvironment,
  /** Requests at the same time, of all endpoints; and of one. */
  WEBHOOK_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(50),
  WEBHOOK_ENDPOINT_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(4),
  /** From the search for the address to the answer's status. */
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(30_000).default(10_000),
  WEBHOOK_BACKOFF_SECONDS: z.string().default(defaultBackoff).pipe(backoff),
  /** An endpoint that only failed for so long is disabled. */
  WEBHOOK_DISABLE_AFTER_HOURS: z.coerce.number().min(0).max(8_760).default(120),
  WEBHOOK_LOG_DAYS: z.coerce.number().int().min(1).max(365).default(14),
});
export type Config = z.infer<typeof Environment>;

/** Reports every bad variable at once, by name and never by value, before anything is opened. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
