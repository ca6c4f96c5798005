import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const cuts = 8;
const [shortestMs, longestMs] = [20, 150];
/** Bytes of a gateway's answer that still pass: most often less than a frame. */
const [fewestBytes, mostBytes] = [1, 900];
/** Longer than two unanswered probes of a gateway's link, which then makes a new one. */
const silenceMs = 9_000;
const openBackend = () => SingleRedis.start();

/** Connections of pages break, some in the middle of a frame. */
export const clientCuts = deliveryScenario({
  name: "client-cuts",
  about: "Connections between pages and gateways break, some in the middle of a frame.",
  openBackend,
  disturb: async ({ ground: { balancer }, random }) => {
    for (let cut = 0; cut < cuts; cut++) {
      await delay(random.between(shortestMs, longestMs));
      const isChosen = () => random.chance(0.5);
      if (random.chance(0.5)) balancer.cut(isChosen);
      else balancer.cutAfter(random.between(fewestBytes, mostBytes), isChosen);
    }
  },
});

export const redisCuts = deliveryScenario({
  name: "redis-cuts",
  about: "Connections between gateways and Redis break, some in the middle of a message, and are slow.",
  openBackend,
  disturb: async ({ ground, random }) => {
    for (let cut = 0; cut < cuts; cut++) {
      await delay(random.between(shortestMs, longestMs));
      const { wire } = ground.someGateway(random);
      wire?.set({ delayMs: random.between(0, 20) });
      if (random.chance(0.5)) wire?.cut(() => random.chance(0.7));
      else wire?.cutAfter(random.between(fewestBytes, mostBytes), () => random.chance(0.7));
    }
    for (const { wire } of ground.gateways) wire?.set({ delayMs: 0 });
  },
});

export const halfOpen = deliveryScenario({
  name: "half-open",
  about: "A gateway's open connections to Redis fall silent without a word, as when a cable is pulled.",
  openBackend,
  disturb: async ({ ground, random }) => {
    const { wire } = ground.someGateway(random);
    const opened = wire?.openLinks ?? 0;
    // Those that are open now never speak again; those that are made later are well.
    wire?.set({ isSilent: true }, () => opened > 0);
    await delay(silenceMs);
  },
});

export const pubsubKills = deliveryScenario({
  name: "pubsub-kills",
  about: "Redis throws all subscribers out, again and again.",
  openBackend,
  disturb: async ({ ground: { redis }, random }) => {
    for (let kill = 0; kill < cuts; kill++) {
      await delay(random.between(shortestMs, longestMs));
      await redis.client("KILL", "TYPE", "pubsub");
    }
  },
});
