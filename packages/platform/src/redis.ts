import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import { type Backoff, backoffDelay } from "./async/backoff.ts";
import { parseRedisAddress, type RedisAddress } from "./redis-address.ts";

/** A connection of the event bus: to one Redis, with or without Sentinels, or to a Cluster. */
export type RedisClient = Redis | Cluster;
export type RedisRole = "command" | "subscriber" | "queue-producer" | "queue-worker";
/** The connection type of a role: queues never run on a Cluster. */
export type RedisOf<Role extends RedisRole> = Role extends `queue-${string}` ? Redis : RedisClient;

const reconnectBackoff: Backoff = { firstMs: 50, maxMs: 2_000, jitter: "equal" };
const commandTimeout = 5_000;
const probeEveryMs = 5_000;

const optionsOf: Record<RedisRole, RedisOptions> = {
  /** Commands fail fast while Redis is unavailable, so that callers can report it instead of hanging. */
  command: { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout },
  /** No ready check: its INFO can be sent after a SUBSCRIBE and lose a channel (ioredis issue 2037). The caller resubscribes. */
  subscriber: { enableReadyCheck: false, autoResubscribe: false, maxRetriesPerRequest: null },
  "queue-producer": { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout },
  /** BullMQ sends blocking commands on this connection and requires null. */
  "queue-worker": { maxRetriesPerRequest: null },
};

const retryStrategy = (attempt: number) => backoffDelay(attempt, reconnectBackoff);

/**
 * Opens one connection for a role (to each node of a Cluster). It reconnects without limit, with a bounded delay. Errors are
 * logged once per outage.
 */
export function connectRedis<Role extends RedisRole>(url: string, role: Role, log: Logger): RedisOf<Role> {
  const address = parseRedisAddress(url);
  if (!address) throw new Error("Invalid address of Redis: see redisUrl");
  const redis = address.kind === "cluster" ? connectCluster(address, role) : connectOne(address, role);
  let isUnavailable = false;
  redis.on("error", (err: unknown) => {
    if (!isUnavailable) log.warn({ err, role }, "redis is unavailable");
    isUnavailable = true;
  });
  if (redis instanceof Redis && optionsOf[role].commandTimeout !== undefined) reconnectWhenSilent(redis);
  redis.on("ready", () => {
    if (isUnavailable) log.info({ role }, "redis is available again");
    isUnavailable = false;
  });
  return redis as RedisOf<Role>;
}

/** Replaces a half-open connection. TCP alone would detect it only after many minutes. */
function reconnectWhenSilent(redis: Redis): void {
  const timer = setInterval(() => {
    if (redis.status !== "ready") return;
    redis.ping().catch((err: unknown) => {
      const isSilent = err instanceof Error && err.message === "Command timed out";
      // Not `quit()`, which would wait for a reply too.
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
    // A demoted master replies READONLY to the first write. ioredis' failoverDetector is not used: when it fires during a
    // connection attempt (5.11), the connection ends permanently.
    reconnectOnError: (err) => (err.message.startsWith("READONLY") ? 2 : false),
  });
  reviveWhenEnded(redis);
  return redis;
}

/**
 * Reconnects a connection that ended although nobody called `disconnect()`. ioredis (5.11) ends a connection permanently when it
 * is asked to reconnect during a Sentinel query, which is likely in a failover.
 */
function reviveWhenEnded(redis: Redis): void {
  let isDisconnected = false;
  const disconnect = redis.disconnect.bind(redis);
  redis.disconnect = (willReconnect = false) => {
    if (!willReconnect) isDisconnected = true;
    disconnect(willReconnect);
  };
  redis.on("end", () => {
    if (!isDisconnected) setTimeout(() => redis.connect().catch(() => undefined), retryStrategy(1)).unref();
  });
}

function connectCluster(address: RedisAddress & { kind: "cluster" }, role: RedisRole): Cluster {
  if (role === "queue-producer" || role === "queue-worker")
    throw new Error(
      "Queues need a single Redis (or a Sentinel): set QUEUE_REDIS_URL. A Cluster carries the event bus only.",
    );
  // The offline queue of each node stays enabled: it holds commands that are redirected to the node while it connects.
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

/** Resolves when the connection is ready; rejects after `timeoutMs` with a message for operators. */
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
