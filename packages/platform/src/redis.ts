import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";

export type RedisRole = "command" | "subscriber" | "queue-producer" | "queue-worker";

const maxRetryDelayMs = 2_000;

const optionsOf: Record<RedisRole, RedisOptions> = {
  /** Fails fast while Redis is away, so that callers can say so instead of hanging. */
  command: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 5_000 },
  /** The ready check's INFO can be sent after a SUBSCRIBE and lose a channel (ioredis issue 2037); resubscribing is the caller's. */
  subscriber: { enableReadyCheck: false, autoResubscribe: false, maxRetriesPerRequest: null },
  "queue-producer": { enableOfflineQueue: false, maxRetriesPerRequest: 1 },
  /** BullMQ blocks on this connection and refuses anything but null. */
  "queue-worker": { maxRetriesPerRequest: null },
};

/** One connection per role. It reconnects for ever with a bounded delay; errors are logged once per outage. */
export function connectRedis(url: string, role: RedisRole, log: Logger): Redis {
  const redis = new Redis(url, {
    ...optionsOf[role],
    connectionName: `syszap-${role}`,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), maxRetryDelayMs) * (0.5 + Math.random() / 2),
  });
  let isAway = false;
  redis.on("error", (err) => {
    if (!isAway) log.warn({ err, role }, "redis is away");
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) log.info({ role }, "redis is back");
    isAway = false;
  });
  return redis;
}

/** Resolves when the connection can be used; rejects after `timeoutMs`, so that a start says what is missing. */
export async function whenReady(redis: Redis, timeoutMs = 10_000): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve, reject) => {
    const onReady = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off("ready", onReady);
      reject(new Error(`Redis did not answer within ${timeoutMs} ms: check REDIS_URL and that it runs`));
    }, timeoutMs);
    redis.once("ready", onReady);
  });
}
