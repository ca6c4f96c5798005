import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Three heartbeats. A gateway without a heartbeat for this time counts as gone, with its connections. */
export const aliveMs = 6_000;

export const aliveGateways = (redis: Redis | Cluster) =>
  guarded(() => redis.zrangebyscore(keys.gateways, Date.now() - aliveMs, "+inf"));

export function execute(pipeline: ReturnType<Redis["pipeline"]>): Promise<unknown[]> {
  return guarded(async () => {
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => {
      if (error) throw error;
      return reply;
    });
  });
}
