import { dirname, join, resolve } from "node:path";
import { leaseDurationMs } from "@syszap/database";
import {
  baseEnvironment,
  loadEnvironment,
  mediaEnvironment,
  postgresUrl,
  queueRedisUrl,
  redisUrl,
  secret,
} from "@syszap/platform";
import { z } from "zod";
import { engineEnvironment } from "./engines/registry/registry.ts";
import { ProfileKeys } from "./profiles/index.ts";

const milliseconds = () => z.coerce.number().int().min(0).max(86_400_000);

const Environment = z
  .object({
    ...baseEnvironment,
    DATABASE_URL: postgresUrl(),
    SYSTEM_DATABASE_URL: postgresUrl(),
    REDIS_URL: redisUrl(),
    QUEUE_REDIS_URL: queueRedisUrl().optional(),
    ...mediaEnvironment,
    /** Of one file that WhatsApp delivers, at most WhatsApp's own 2 GB. Its page decrypts files in memory, within ENGINE_MEMORY_MB. */
    MEDIA_MAX_BYTES: z.coerce.number().int().min(1).max(2_147_483_648).default(256_000_000),
    /** A profile picture of this age is asked for again with its person's next message; changes that WhatsApp tells of come at once. */
    PROFILE_PICTURE_MAX_AGE_MS: z.coerce.number().int().min(60_000).max(31_536_000_000).default(604_800_000),
    PROFILE_DIRECTORY: z.string().min(1),
    /** What WhatsApp said and no worker has stored yet, in a folder per CONNECTOR_ID. Beside the profiles when not set. */
    SPOOL_DIRECTORY: z.string().min(1).optional(),
    /** Beyond, WhatsApp itself must keep what it says until there is room. */
    SPOOL_MAX_BYTES: z.coerce.number().int().min(1_000_000).max(100_000_000_000).default(268_435_456),
    /** 32 random bytes in base64; a new one goes in front of the old one, with a comma. Without it profiles are not archived. */
    PROFILE_ENCRYPTION_KEY: secret().transform(profileKeys).optional(),
    /** How old an archive may get while its session runs. 0: archived at an end in order only. */
    PROFILE_ARCHIVE_EVERY_MS: milliseconds().default(21_600_000),
    /** Chromium's profile can't be copied while it runs: after so long without a word it is stopped for the moment that takes. */
    PROFILE_ARCHIVE_IDLE_MS: milliseconds().pipe(z.number().min(100)).default(600_000),
    /** Stable: leases in this name that an earlier process held may be claimed at once. No two connectors share one. */
    CONNECTOR_ID: z.string().min(1).max(100),
    /** A connector that died loses its sessions after this long. The same for all connectors: each trusts the others' to be no longer. */
    LEASE_MS: z.coerce.number().int().min(4_500).max(600_000).default(leaseDurationMs),
    MAX_SESSIONS: z.coerce.number().int().min(1).max(1_000).default(20),
    /** A start takes a core and more for some seconds: about as many as the connector has cores. */
    STARTS_AT_ONCE: z.coerce.number().int().min(1).max(100).default(2),
    /** Of all processes of one engine together. A real page of WhatsApp Web needs several hundred. */
    ENGINE_MEMORY_MB: z.coerce.number().int().min(64).max(65_536).default(2_048),
    /** Of JavaScript objects in an engine's own Node process. */
    ENGINE_HEAP_MB: z.coerce.number().int().min(32).max(16_384).default(512),
    /** Between two messages of a phone, and up to how much more by chance. WhatsApp publishes no numbers: see decision 026. */
    OUTBOUND_GAP_MS: milliseconds().default(1_000),
    OUTBOUND_GAP_JITTER_MS: milliseconds().default(1_000),
    /** Messages of a session within any hour; 0: no limit. */
    OUTBOUND_PER_HOUR: z.coerce.number().int().min(0).max(1_000_000).default(500),
    /** People who never wrote to the session and are written to within any day; 0: no limit. Answers never count. */
    OUTBOUND_COLD_PER_DAY: z.coerce.number().int().min(0).max(1_000_000).default(50),
    /** Attempts that fail one after the other, after which only one message is tried from time to time; 0: never. */
    OUTBOUND_BREAKER_FAILURES: z.coerce.number().int().min(0).max(1_000).default(5),
    /** `light`: read the chat, show "typing" for half a second to three, then send. */
    OUTBOUND_MANNERS: z.enum(["off", "light"]).default("off"),
    ...engineEnvironment,
  })
  .refine((env) => !(env.SIMULATOR_CONTROL && env.NODE_ENV === "production"), {
    path: ["SIMULATOR_CONTROL"],
    error: "must not be set in production: it lets anyone who reaches the port write as any customer",
    when: () => true, // also beside other faults, so that all are named at once
  })
  .transform((env) => ({
    ...env,
    QUEUE_REDIS_URL: env.QUEUE_REDIS_URL ?? env.REDIS_URL,
    SPOOL_DIRECTORY: env.SPOOL_DIRECTORY ?? join(dirname(resolve(env.PROFILE_DIRECTORY)), "spool"),
  }));

function profileKeys(text: string, context: z.RefinementCtx<string>): ProfileKeys {
  try {
    return ProfileKeys.parse(text);
  } catch (err) {
    context.addIssue({ code: "custom", message: err instanceof Error ? err.message : "can't be read" });
    return z.NEVER;
  }
}

export type Config = z.infer<typeof Environment>;

/** Reports every bad variable at once, by name and never by value, before anything is opened. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
