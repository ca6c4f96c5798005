import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { parseRedisAddress, type RedisAddress } from "./redis-address.ts";

/** What the event bus speaks to: one Redis (behind a Sentinel or not), or a Cluster. */
export type RedisClient = Redis | Cluster;
export type RedisRole = "command" | "subscriber" | "queue-producer" | "queue-worker";
/** Queues live on one Redis. */
export type RedisOf<Role extends RedisRole> = Role extends `queue-${string}` ? Redis : RedisClient;

const maxRetryDelayMs = 2_000;

const commandTimeout = 5_000;
const probeEveryMs = 5_000;

const optionsOf: Record<RedisRole, RedisOptions> = {
  /** Fails fast while Redis is away, so that callers can say so instead of hanging. */
  command: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout },
  /** The ready check's INFO can be sent after a SUBSCRIBE and lose a channel (ioredis issue 2037); resubscribing is the caller's. */
  subscriber: { enableReadyCheck: false, autoResubscribe: false, maxRetriesPerRequest: null },
  "queue-producer": { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout },
  /** BullMQ blocks on this connection and refuses anything but null. */
  "queue-worker": { maxRetriesPerRequest: null },
};

const retryStrategy = (attempt: number) =>
  Math.min(50 * 2 ** Math.min(attempt, 10), maxRetryDelayMs) * (0.5 + Math.random() / 2);

/** One connection per role (per node of a Cluster). It reconnects for ever with a bounded delay; errors are logged once per outage. */
export function connectRedis<Role extends RedisRole>(url: string, role: Role, log: Logger): RedisOf<Role> {
  const address = parseRedisAddress(url);
  if (!address) throw new Error("The address of Redis can't be read: see redisUrl");
  const redis = address.kind === "cluster" ? connectCluster(address, role) : connectOne(address, role);
  let isAway = false;
  redis.on("error", (err: unknown) => {
    if (!isAway) log.warn({ err, role }, "redis is away");
    isAway = true;
  });
  if (redis instanceof Redis && optionsOf[role].commandTimeout !== undefined) reconnectWhenSilent(redis);
  redis.on("ready", () => {
    if (isAway) log.info({ role }, "redis is back");
    isAway = false;
  });
  return redis as RedisOf<Role>;
}

/** A half-open link answers nothing and is never closed: TCP alone would notice after many minutes. */
function reconnectWhenSilent(redis: Redis): void {
  const timer = setInterval(() => {
    if (redis.status !== "ready") return;
    redis.ping().catch((err: unknown) => {
      const isSilent = err instanceof Error && err.message === "Command timed out";
      // Not an orderly end: that waits for an answer, too.
      if (isSilent && redis.status === "ready") redis.stream.destroy();
    });
  }, probeEveryMs).unref();
  redis.once("end", () => clearInterval(timer));
}

function connectOne(address: Exclude<RedisAddress, { kind: "cluster" }>, role: RedisRole): Redis {
  const options = { ...optionsOf[role], connectionName: `syszap-${role}`, retryStrategy };
  if (address.kind === "single") return new Redis(address.url, options);
  const redis = new Redis({
    ...options,
    ...accessOf(address),
    sentinels: address.nodes,
    name: address.masterName,
    sentinelRetryStrategy: retryStrategy,
    ...(address.isTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    // A master that was demoted says READONLY to the first write. Not ioredis' failoverDetector: when it fires while a
    // connection is being made (5.11), that connection ends for good.
    reconnectOnError: (err) => (err.message.startsWith("READONLY") ? 2 : false),
  });
  reviveWhenEnded(redis);
  return redis;
}

/**
 * ioredis (5.11) gives a connection up for good when it is asked to reconnect while it asks a Sentinel where the master
 * is, which a failover makes likely. Only `disconnect()` by us may end it.
 */
function reviveWhenEnded(redis: Redis): void {
  let isWanted = true;
  const disconnect = redis.disconnect.bind(redis);
  redis.disconnect = (willReconnect = false) => {
    if (!willReconnect) isWanted = false;
    disconnect(willReconnect);
  };
  redis.on("end", () => {
    if (isWanted) setTimeout(() => redis.connect().catch(() => undefined), retryStrategy(1)).unref();
  });
}

function connectCluster(address: RedisAddress & { kind: "cluster" }, role: RedisRole): Cluster {
  if (role === "queue-producer" || role === "queue-worker")
    throw new Error(
      "Queues need one Redis (or a Sentinel): name it in QUEUE_REDIS_URL. A Cluster carries the event bus only.",
    );
  // Each node's own queue holds what is redirected to it while it connects; the Cluster itself fails fast.
  const { enableOfflineQueue: _, ...ofNode } = optionsOf[role];
  return new Cluster(address.nodes, {
    clusterRetryStrategy: retryStrategy,
    enableOfflineQueue: false,
    slotsRefreshTimeout: 3_000,
    redisOptions: {
      ...ofNode,
      ...accessOf(address),
      connectionName: `syszap-${role}`,
    },
  });
}

const accessOf = ({ username, password, isTls }: { username?: string; password?: string; isTls: boolean }) => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  ...(isTls && { tls: {} }),
});

/** Resolves when the connection can be used; rejects after `timeoutMs`, so that a start says what is missing. */
export async function whenReady(redis: RedisClient, timeoutMs = 10_000): Promise<void> {
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
