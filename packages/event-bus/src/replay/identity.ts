import type { Cluster, Redis } from "ioredis";
import { BusUnavailableError, guarded } from "../errors.ts";

/** Which Redis this is, and which history of data it has: both change with a restart, and one of them with a failover. */
export async function redisIdentity(redis: Redis | Cluster): Promise<string> {
  const nodes = redis.isCluster ? (redis as Cluster).nodes("master") : [redis as Redis];
  if (nodes.length === 0) throw new BusUnavailableError("no node of the Cluster is known at this moment");
  return guarded(async () => (await Promise.all(nodes.map(identityOf))).sort().join(","));
}

async function identityOf(node: Redis): Promise<string> {
  const [server, replication] = await Promise.all([node.info("server"), node.info("replication")]);
  const field = (text: string, name: string) => new RegExp(`^${name}:(\\w+)`, "m").exec(text)?.[1] ?? "";
  return `${field(server, "run_id")}/${field(replication, "master_replid")}`;
}
