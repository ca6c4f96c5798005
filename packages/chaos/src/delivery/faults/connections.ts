import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const cuts = 8;
const [minPauseMs, maxPauseMs] = [20, 150];
/** Bytes from the server that still pass before a cut; usually less than a frame. */
const [minBytes, maxBytes] = [1, 900];
/** Longer than two unanswered probes, after which a gateway reconnects to Redis. */
const silenceMs = 9_000;
const openBackend = () => SingleRedis.start();

export const clientCuts = deliveryScenario({
  name: "client-cuts",
  about: "Connections between clients and gateways break, some in the middle of a frame.",
  openBackend,
  inject: async ({ environment: { balancer }, random }) => {
    for (let cut = 0; cut < cuts; cut++) {
      await delay(random.between(minPauseMs, maxPauseMs));
      const isChosen = () => random.chance(0.5);
      if (random.chance(0.5)) balancer.cut(isChosen);
      else balancer.cutAfter(random.between(minBytes, maxBytes), isChosen);
    }
  },
});

export const redisCuts = deliveryScenario({
  name: "redis-cuts",
  about: "Connections between gateways and Redis are slow and break, some in the middle of a message.",
  openBackend,
  inject: async ({ environment, random }) => {
    for (let cut = 0; cut < cuts; cut++) {
      await delay(random.between(minPauseMs, maxPauseMs));
      const { redisProxy } = environment.someGateway(random);
      redisProxy?.set({ delayMs: random.between(0, 20) });
      if (random.chance(0.5)) redisProxy?.cut(() => random.chance(0.7));
      else redisProxy?.cutAfter(random.between(minBytes, maxBytes), () => random.chance(0.7));
    }
    for (const { redisProxy } of environment.gateways) redisProxy?.set({ delayMs: 0 });
  },
});

export const halfOpen = deliveryScenario({
  name: "half-open",
  about: "A gateway's open connections to Redis become silent, as when a cable is unplugged.",
  openBackend,
  inject: async ({ environment, random }) => {
    const { redisProxy } = environment.someGateway(random);
    const opened = redisProxy?.openLinks ?? 0;
    // Affects only the connections that are open now.
    redisProxy?.set({ isSilent: true }, () => opened > 0);
    await delay(silenceMs);
  },
});

export const pubsubKills = deliveryScenario({
  name: "pubsub-kills",
  about: "Redis repeatedly disconnects all subscribers.",
  openBackend,
  inject: async ({ environment: { redis }, random }) => {
    for (let kill = 0; kill < cuts; kill++) {
      await delay(random.between(minPauseMs, maxPauseMs));
      await redis.client("KILL", "TYPE", "pubsub");
    }
  },
});
