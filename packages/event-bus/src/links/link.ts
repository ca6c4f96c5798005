import type { Cluster, Redis } from "ioredis";
import type { BusLog } from "../errors.ts";
import { ClusterLink } from "./cluster-link.ts";
import { NodeLink } from "./node-link.ts";

export interface LinkEvents {
  message(channel: string, payload: Buffer): void;
  /** All of it is there (again); no channel is subscribed yet. */
  up(): void;
  /** Some or all of it is gone, or a channel has moved: whatever was said meanwhile was not heard. */
  down(): void;
  /** More came in than may wait: it was thrown away, so every channel has to look at its head. */
  overflow(): void;
}

/** What subscribes: one connection to one Redis, or one to each node of a Cluster. */
export interface SubscriptionLink {
  readonly isUp: boolean;
  /** It has not answered for a while: perhaps half-open, and then soon ended by itself. */
  readonly isSilent: boolean;
  /** Resolves when Redis has confirmed all of them; repeating it is harmless. */
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  close(): void;
}

/** `redis` has the role "subscriber" and belongs to the link alone. */
export function openLink(redis: Redis | Cluster, events: LinkEvents, log: BusLog): SubscriptionLink {
  return isCluster(redis) ? new ClusterLink(redis, events, log) : new NodeLink(redis, events, log);
}

const isCluster = (redis: Redis | Cluster): redis is Cluster => redis.isCluster;
