import { baseEnvironment, loadEnvironment, postgresUrl, queueRedisUrl, redisUrl } from "@syszap/platform";
import { z } from "zod";

const Environment = z.object({
  ...baseEnvironment,
  DATABASE_URL: postgresUrl(),
  SYSTEM_DATABASE_URL: postgresUrl(),
  REDIS_URL: redisUrl(),
  /** Where the queues are, when not beside the event bus. */
  QUEUE_REDIS_URL: queueRedisUrl().optional(),
  /** Jobs at the same time; messages of one company among them share a transaction. */
  CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(200),
  /** Transactions at the same time. */
  DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(10),
});
export type Config = z.infer<typeof Environment>;

/** Reports every bad variable at once, by name and never by value, before anything is opened. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
