import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { leaseDurationMs } from "@syszap/database";
import {
  baseEnvironment,
  connectionLimit,
  flag,
  loadEnvironment,
  masterKeys,
  mediaEnvironment,
  postgresUrl,
  profileKeyPurpose,
  queueRedisUrl,
  redisUrl,
  resumeLogEnvironment,
} from "@syszap/platform";
import { proxyEnvironment } from "@syszap/platform/proxy";
import { z } from "zod";
import { engineEnvironment } from "./engines/registry/registry.ts";
import { sessionsThatFit } from "./session-capacity.ts";

const milliseconds = () => z.coerce.number().int().min(0).max(86_400_000);

const Environment = z
  .object({
    ...baseEnvironment,
    DATABASE_URL: postgresUrl(),
    SYSTEM_DATABASE_URL: postgresUrl(),
    DATABASE_CONNECTIONS: connectionLimit(16),
    /** False for a pooler in transaction mode without named prepared statements, such as PgBouncer before 1.21. */
    DATABASE_NAMED_STATEMENTS: flag().default(true),
    REDIS_URL: redisUrl(),
    QUEUE_REDIS_URL: queueRedisUrl().optional(),
    ...resumeLogEnvironment,
    ...mediaEnvironment,
    /** Limit of one received file, at most WhatsApp's own 2 GB. The page decrypts files in memory, within ENGINE_MEMORY_MB. */
    MEDIA_MAX_BYTES: z.coerce.number().int().min(1).max(2_147_483_648).default(256_000_000),
    /**
     * Age at which a profile picture is fetched again with the contact's next message. Changes that WhatsApp reports are
     * fetched at once.
     */
    PROFILE_PICTURE_MAX_AGE_MS: z.coerce.number().int().min(60_000).max(31_536_000_000).default(604_800_000),
    PROFILE_DIRECTORY: z.string().min(1),
    /** Holds facts that no worker has stored yet, in a folder per CONNECTOR_ID. Default: next to the profile directory. */
    SPOOL_DIRECTORY: z.string().min(1).optional(),
    /** Above this size, facts are dropped and fetched from WhatsApp again when there is room. */
    SPOOL_MAX_BYTES: z.coerce.number().int().min(1_000_000).max(100_000_000_000).default(268_435_456),
    /** Missed facts that are forwarded per second, of all sessions together. A higher rate delays live messages (decision 073). */
    RECOVERED_FACTS_PER_SECOND: z.coerce.number().int().min(1).max(100_000).default(125),
    /** 32 random bytes in base64. To rotate, put the new key in front of the old one, separated by a comma. Unset: no archives. */
    PROFILE_ENCRYPTION_KEY: masterKeys(profileKeyPurpose).optional(),
    /** Maximum age of an archive while its session runs. 0: profiles are archived at an orderly stop only. */
    PROFILE_ARCHIVE_EVERY_MS: milliseconds().default(21_600_000),
    /** Chromium's profile cannot be copied while it runs. After this idle time, Chromium is stopped while its profile is copied. */
    PROFILE_ARCHIVE_IDLE_MS: milliseconds().pipe(z.number().min(100)).default(600_000),
    /** Stable and unique per connector (decision 081). The next process under an id claims the leases of the dead one at once. */
    CONNECTOR_ID: z.string().min(1).max(100).default(hostname()),
    /** A dead connector loses its sessions after this time. Must be the same for all connectors. */
    LEASE_MS: z.coerce.number().int().min(4_500).max(600_000).default(leaseDurationMs),
    MAX_SESSIONS: z.coerce.number().int().min(1).max(1_000).default(sessionsThatFit()),
    /** Concurrent starts. A start uses at least one core for some seconds, so choose about the number of cores. */
    STARTS_AT_ONCE: z.coerce.number().int().min(1).max(100).default(2),
    /** Memory limit of all processes of one engine together. A page of WhatsApp Web needs several hundred MB. */
    ENGINE_MEMORY_MB: z.coerce.number().int().min(64).max(65_536).default(2_048),
    /** JavaScript heap limit of an engine's own Node process. */
    ENGINE_HEAP_MB: z.coerce.number().int().min(32).max(16_384).default(512),
    /**
     * Gap between two messages of a phone, and the maximum of a random addition. WhatsApp publishes no limits, see decision
     * 026.
     */
    OUTBOUND_GAP_MS: milliseconds().default(1_000),
    OUTBOUND_GAP_JITTER_MS: milliseconds().default(1_000),
    /** Messages of a session within any hour; 0: no limit. */
    OUTBOUND_PER_HOUR: z.coerce.number().int().min(0).max(1_000_000).default(500),
    /** First messages within any day to contacts who never wrote to the session; 0: no limit. Answers never count. */
    OUTBOUND_COLD_PER_DAY: z.coerce.number().int().min(0).max(1_000_000).default(50),
    /** Circuit breaker: after this many consecutive failures only single messages are tried, with backoff; 0: off. */
    OUTBOUND_BREAKER_FAILURES: z.coerce.number().int().min(0).max(1_000).default(5),
    /** Human pacing. `light`: mark the chat as read, show "typing" for 0.5 to 3 s, then send. */
    OUTBOUND_MANNERS: z.enum(["off", "light"]).default("off"),
    ...proxyEnvironment,
    ...engineEnvironment,
  })
  .refine((env) => !(env.SIMULATOR_CONTROL && env.NODE_ENV === "production"), {
    path: ["SIMULATOR_CONTROL"],
    error: "must not be set in production: it lets anyone who reaches the port write as any customer",
    when: () => true, // also when other variables are invalid, so that all are reported at once
  })
  .transform((env) => ({
    ...env,
    QUEUE_REDIS_URL: env.QUEUE_REDIS_URL ?? env.REDIS_URL,
    SPOOL_DIRECTORY: env.SPOOL_DIRECTORY ?? join(dirname(resolve(env.PROFILE_DIRECTORY)), "spool"),
  }));

export type Config = z.infer<typeof Environment>;

/** Throws an error that names every invalid variable, without values. Call it before any resource is opened. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
