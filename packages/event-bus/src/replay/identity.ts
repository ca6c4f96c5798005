import type { Cluster, Redis } from "ioredis";
import { BusUnavailableError, guarded } from "../errors.ts";

/** Identifies the Redis process and its replication history. A restart changes both parts, a failover changes one. */
export async function redisIdentity(redis: Redis | Cluster): Promise<string> {
  const nodes = redis.isCluster ? (redis as Cluster).nodes("master") : [redis as Redis];
  if (nodes.length === 0) throw new BusUnavailableError("no node of the Cluster is known at the moment");
  return guarded(async () => (await Promise.all(nodes.map(identityOf))).sort().join(","));
}

async function identityOf(node: Redis): Promise<string> {
  const [server, replication] = await Promise.all([node.info("server"), node.info("replication")]);
  const field = (text: string, name: string) => new RegExp(`^${name}:(\\w+)`, "m").exec(text)?.[1] ?? "";
  return `${field(server, "run_id")}/${field(replication, "master_replid")}`;
}
