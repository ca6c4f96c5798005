import {
  baseEnvironment,
  connectionLimit,
  flag,
  loadEnvironment,
  postgresUrl,
  queueRedisUrl,
  redisUrl,
  resumeLogEnvironment,
} from "@syszap/platform";
import { z } from "zod";

const Environment = z.object({
  ...baseEnvironment,
  DATABASE_URL: postgresUrl(),
  SYSTEM_DATABASE_URL: postgresUrl(),
  /** One is for readiness, a third of the others for work across companies, two for the sweeper, and the remaining ones for jobs. */
  DATABASE_CONNECTIONS: connectionLimit(19),
  /** False for a pooler in transaction mode without named prepared statements, such as PgBouncer before 1.21. */
  DATABASE_NAMED_STATEMENTS: flag().default(true),
  REDIS_URL: redisUrl(),
  /** Redis of the queues. Defaults to the Redis of the event bus. */
  QUEUE_REDIS_URL: queueRedisUrl().optional(),
  ...resumeLogEnvironment,
  /** Number of jobs processed at the same time. Messages of one company among them share a transaction. */
  CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(200),
  /** Days for which consumers can read events. */
  EVENT_LOG_DAYS: z.coerce.number().int().min(1).max(365).default(7),
  /** Days for which entries of the audit log are kept. Two years by default. */
  AUDIT_LOG_DAYS: z.coerce.number().int().min(30).max(36_500).default(730),
});
export type Config = z.infer<typeof Environment>;

/** Throws an error that lists all invalid variables by name, never by value. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
