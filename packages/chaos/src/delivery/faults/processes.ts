import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const [minPauseMs, maxPauseMs] = [50, 300];
const settleMs = 200;
/** A killed gateway restarts within a second; meanwhile, its clients use the others. */
const kills = 2;

export const gatewayKills = deliveryScenario({
  name: "gateway-kills",
  about: "Gateways are killed and restarted.",
  openBackend: () => SingleRedis.start(),
  inject: async ({ environment, random }) => {
    for (let kill = 0; kill < kills; kill++) {
      await delay(random.between(minPauseMs, maxPauseMs));
      await environment.restart(environment.someGateway(random));
    }
  },
});

export const redisRestarts = deliveryScenario({
  name: "redis-restarts",
  about: "Redis restarts with all its data.",
  openBackend: () => SingleRedis.start(["--appendfsync", "always"]),
  inject: async ({ random }, redis) => {
    await delay(random.between(minPauseMs, maxPauseMs));
    await redis.restart({ keepsData: true });
    await delay(settleMs);
  },
});

export const redisWipes = deliveryScenario({
  name: "redis-wipes",
  about: "Redis restarts without data.",
  guarantees: { mayResync: true },
  openBackend: () => SingleRedis.start(),
  inject: async ({ random }, redis) => {
    await delay(random.between(minPauseMs, maxPauseMs));
    await redis.restart({ keepsData: false });
    await delay(settleMs);
  },
});
