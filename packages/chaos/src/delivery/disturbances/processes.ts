import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const [shortestMs, longestMs] = [50, 300];
const calmMs = 200;
/** A dead gateway is back within a second; its pages have gone to the others. */
const kills = 2;

export const gatewayKills = deliveryScenario({
  name: "gateway-kills",
  about: "Gateways are killed and started again.",
  openBackend: () => SingleRedis.start(),
  disturb: async ({ ground, random }) => {
    for (let kill = 0; kill < kills; kill++) {
      await delay(random.between(shortestMs, longestMs));
      await ground.replace(ground.someGateway(random));
    }
  },
});

export const redisRestarts = deliveryScenario({
  name: "redis-restarts",
  about: "Redis stops and comes back with all that it had.",
  openBackend: () => SingleRedis.start(["--appendfsync", "always"]),
  disturb: async ({ random }, redis) => {
    await delay(random.between(shortestMs, longestMs));
    await redis.restart({ keepsData: true });
    await delay(calmMs);
  },
});

export const redisWipes = deliveryScenario({
  name: "redis-wipes",
  about: "Redis stops and comes back empty.",
  guarantees: { mayResync: true },
  openBackend: () => SingleRedis.start(),
  disturb: async ({ random }, redis) => {
    await delay(random.between(shortestMs, longestMs));
    await redis.restart({ keepsData: false });
    await delay(calmMs);
  },
});
