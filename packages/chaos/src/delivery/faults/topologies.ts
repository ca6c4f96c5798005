import { setTimeout as delay } from "node:timers/promises";
import { channels } from "@syszap/contracts";
import { connectRedis, createLogger } from "@syszap/platform";
import { startRedisCluster, startRedisWithSentinel } from "@syszap/testing/servers";
import type { Backend } from "../delivery-environment.ts";
import { deliveryScenario } from "../delivery-scenario.ts";

const [minPauseMs, maxPauseMs] = [50, 300];
const moves = 3;
const settleMs = 300;
const log = createLogger({ service: "chaos", level: "silent" });

async function openSentinel() {
  const sentinel = await startRedisWithSentinel();
  const backend: Backend = {
    connect: () => connectRedis(sentinel.url, "command", log),
    addressFor: async () => ({ url: sentinel.url, redisProxy: undefined }),
    close: () => sentinel.stop(),
  };
  return { ...backend, sentinel };
}

export const sentinelFailovers = deliveryScenario({
  name: "sentinel-failovers",
  about:
    "The master dies while its replica lags: events that the replica lacks are lost and their sequence numbers are reused.",
  guarantees: { mayResync: true },
  openBackend: openSentinel,
  inject: async ({ random }, { sentinel }) => {
    await delay(random.between(minPauseMs, maxPauseMs));
    await sentinel.letReplicaLag();
    await delay(random.between(minPauseMs, maxPauseMs));
    await sentinel.failOver();
    await sentinel.restore();
    await delay(settleMs);
  },
});

async function openCluster() {
  const cluster = await startRedisCluster();
  const backend: Backend = {
    connect: () => connectRedis(cluster.url, "command", log),
    addressFor: async () => ({ url: cluster.url, redisProxy: undefined }),
    close: () => cluster.stop(),
  };
  return { ...backend, cluster };
}

export const clusterMoves = deliveryScenario({
  name: "cluster-moves",
  about: "Hash slots of companies move between nodes of the cluster while publishers publish.",
  openBackend: openCluster,
  inject: async ({ random, companyIds }, { cluster }) => {
    for (let move = 0; move < moves; move++) {
      await delay(random.between(minPauseMs, maxPauseMs));
      await cluster.moveSlotOf(channels.company(random.pick(companyIds)));
    }
    await delay(settleMs);
  },
});
