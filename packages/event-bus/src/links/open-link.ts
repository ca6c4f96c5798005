import type { Cluster, Redis } from "ioredis";
import type { BusLog } from "../errors.ts";
import { ClusterLink } from "./cluster-link.ts";
import type { LinkEvents, SubscriptionLink } from "./link.ts";
import { NodeLink } from "./node-link.ts";

/** `redis` must have the role "subscriber" and must not be shared: the link closes it. */
export function openLink(redis: Redis | Cluster, events: LinkEvents, log: BusLog): SubscriptionLink {
  return isCluster(redis) ? new ClusterLink(redis, events, log) : new NodeLink(redis, events, log);
}

const isCluster = (redis: Redis | Cluster): redis is Cluster => redis.isCluster;
