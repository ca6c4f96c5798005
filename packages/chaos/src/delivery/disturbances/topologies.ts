import { setTimeout as delay } from "node:timers/promises";
import { channels } from "@syszap/contracts";
import { connectRedis, createLogger } from "@syszap/platform";
import { startRedisCluster, startRedisWithSentinel } from "@syszap/testing/servers";
import { deliveryScenario } from "../delivery-scenario.ts";
import type { Backend } from "../ground.ts";

const [shortestMs, longestMs] = [50, 300];
const moves = 3;
const calmMs = 300;
const log = createLogger({ service: "chaos", level: "silent" });

async function openSentinel() {
  const sentinel = await startRedisWithSentinel();
  const backend: Backend = {
    connect: () => connectRedis(sentinel.url, "command", log),
    addressFor: async () => ({ url: sentinel.url, wire: undefined }),
    close: () => sentinel.stop(),
  };
  return { ...backend, sentinel };
}

export const sentinelFailovers = deliveryScenario({
  name: "sentinel-failovers",
  about:
    "The master dies while its replica is behind: what that one does not have is gone, and its numbers come again.",
  guarantees: { mayResync: true },
  openBackend: openSentinel,
  disturb: async ({ random }, { sentinel }) => {
    await delay(random.between(shortestMs, longestMs));
    await sentinel.letReplicaLag();
    await delay(random.between(shortestMs, longestMs));
    await sentinel.failOver();
    await sentinel.restore();
    await delay(calmMs);
  },
});

async function openCluster() {
  const cluster = await startRedisCluster();
  const backend: Backend = {
    connect: () => connectRedis(cluster.url, "command", log),
    addressFor: async () => ({ url: cluster.url, wire: undefined }),
    close: () => cluster.stop(),
  };
  return { ...backend, cluster };
}

export const clusterMoves = deliveryScenario({
  name: "cluster-moves",
  about: "Companies' slots move from one node of the Cluster to another while publishers talk.",
  openBackend: openCluster,
  disturb: async ({ random, companyIds }, { cluster }) => {
    for (let move = 0; move < moves; move++) {
      await delay(random.between(shortestMs, longestMs));
      await cluster.moveSlotOf(channels.company(random.pick(companyIds)));
    }
    await delay(calmMs);
  },
});
