import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { aliveGateways, aliveMs, execute } from "./alive-gateways.ts";
import type { LatencySnapshot } from "./latency.ts";

/** One open connection, as the statistics show it. */
export interface ConnectionInfo {
  id: string;
  companyId: string;
  userId: string;
  /** ISO time of the connect. */
  connected: string;
}

/** Connections of a company on one gateway. The count is exact, the list is capped. */
export interface CompanyPresence {
  total: number;
  connections: ConnectionInfo[];
}

const countSuffix = ":n";

/**
 * Heartbeat of a gateway, every 2 s. `changed` has the companies whose connections changed since the last successful call;
 * undefined means that none are left. `latencies` has the companies with new events. Returns whether Redis lost the earlier data, and
 * the ids of the live gateways.
 */
export async function writeGatewayStats(
  redis: Redis | Cluster,
  gatewayId: string,
  changed: ReadonlyMap<string, CompanyPresence | undefined>,
  latencies: ReadonlyMap<string, LatencySnapshot> = new Map(),
): Promise<{ wasForgotten: boolean; alive: string[] }> {
  const key = keys.gateway(gatewayId);
  const latencyKey = keys.gatewayLatencies(gatewayId);
  const now = Date.now();
  const pipeline = redis.pipeline().exists(key).hset(key, "at", String(now));
  for (const [companyId, presence] of changed) {
    if (presence) {
      pipeline.hset(key, companyId, JSON.stringify(presence.connections), companyId + countSuffix, presence.total);
    } else {
      pipeline.hdel(key, companyId, companyId + countSuffix).hdel(latencyKey, companyId);
    }
  }
  for (const [companyId, snapshot] of latencies) pipeline.hset(latencyKey, companyId, JSON.stringify(snapshot));
  pipeline.pexpire(latencyKey, aliveMs);
  pipeline.pexpire(key, aliveMs).zadd(keys.gateways, now, gatewayId);
  pipeline.zremrangebyscore(keys.gateways, "-inf", now - aliveMs).zrange(keys.gateways, 0, -1);
  const replies = await execute(pipeline);
  return { wasForgotten: replies[0] === 0, alive: replies.at(-1) as string[] };
}

/** Called by a gateway that shuts down. The data of a killed gateway expires. */
export async function removeGatewayStats(redis: Redis | Cluster, gatewayId: string): Promise<void> {
  await execute(
    redis.pipeline().del(keys.gateway(gatewayId), keys.gatewayLatencies(gatewayId)).zrem(keys.gateways, gatewayId),
  );
}

interface Shares {
  totalConnections: number;
  /** Capped: each gateway lists a bounded number of connections per company. */
  connections: ConnectionInfo[];
  gateways: number;
}

/** Sums the statistics of one company, or of all companies, over all live gateways. At most one heartbeat (2 s) old. */
export async function readGatewayStats(redis: Redis | Cluster, companyId: string | undefined): Promise<Shares> {
  if (companyId === undefined) return readAllShares(redis);
  const shares = await readShares(redis, [companyId, companyId + countSuffix]);
  return {
    totalConnections: shares.reduce((sum, share) => sum + Number(share[1] ?? 0), 0),
    connections: shares.flatMap((share) => JSON.parse(share[0] ?? "[]") as ConnectionInfo[]),
    gateways: shares.length,
  };
}

/** Reads the data of all companies. Expensive: for operators only. */
async function readAllShares(redis: Redis | Cluster): Promise<Shares> {
  const alive = await aliveGateways(redis);
  const pipeline = redis.pipeline();
  for (const gatewayId of alive) pipeline.hgetall(keys.gateway(gatewayId));
  const shares = alive.length === 0 ? [] : ((await execute(pipeline)) as Record<string, string>[]);
  const fields = shares.flatMap((share) => Object.entries(share));
  return {
    totalConnections: fields.reduce((sum, [name, value]) => sum + (name.endsWith(countSuffix) ? Number(value) : 0), 0),
    connections: fields.flatMap(([name, value]) =>
      name === "at" || name.endsWith(countSuffix) ? [] : (JSON.parse(value) as ConnectionInfo[]),
    ),
    gateways: shares.filter((share) => share.at !== undefined).length,
  };
}

/** Counts a company's connections without listing them: cheap enough to be called on every change. */
export async function countConnections(redis: Redis | Cluster, companyId: string) {
  const shares = await readShares(redis, [companyId + countSuffix]);
  return { totalConnections: shares.reduce((sum, share) => sum + Number(share[0] ?? 0), 0), gateways: shares.length };
}

async function readShares(redis: Redis | Cluster, fields: string[]): Promise<(string | null)[][]> {
  const alive = await aliveGateways(redis);
  if (alive.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const gatewayId of alive) pipeline.hmget(keys.gateway(gatewayId), "at", ...fields);
  const shares = (await execute(pipeline)) as (string | null)[][];
  return shares.filter(([at]) => at !== null).map((share) => share.slice(1));
}
