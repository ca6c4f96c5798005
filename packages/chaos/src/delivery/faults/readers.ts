import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const openBackend = () => SingleRedis.start();
const settleMs = 200;
/** Redis' buffer limit for a subscriber in the `bursts` scenario. It is far below the size of the burst. */
const outputBufferLimit = ["--client-output-buffer-limit", "pubsub 64kb 32kb 1"];
const [burst, burstPadding] = [900, 300];
/** More events than the log of a company holds. */
const beyondTheLog = 2_600;
const slowBytesPerSecond = 1_024;
/** More than the gateway's buffer for one connection and the kernel's buffers together. */
const [floodEvents, floodPadding] = [700, 30_000];
const floodChunk = 20;
const defaultClients = 100;

export const bursts = deliveryScenario({
  name: "bursts",
  about: "A burst exceeds Redis' buffer limit of a slow subscriber, which Redis then disconnects.",
  openBackend: () => SingleRedis.start(outputBufferLimit),
  inject: async ({ environment, random, loud, companyIds }) => {
    const { redisProxy } = environment.someGateway(random);
    redisProxy?.set({ delayMs: random.between(50, 200) });
    await loud.burst(random.pick(companyIds), burst, burstPadding);
    redisProxy?.set({ delayMs: 0 });
    await delay(settleMs);
  },
});

export const longSleep = deliveryScenario({
  name: "long-sleep",
  about: "Some clients are disconnected while more events are published than the log holds.",
  guarantees: { mayResync: true },
  openBackend,
  inject: async ({ random, clients, mayMiss, loud, companyIds }) => {
    const disconnected = clients.filter(() => random.chance(0.4));
    for (const client of disconnected) {
      mayMiss.add(client);
      client.disconnect();
    }
    const count = Math.ceil(beyondTheLog / 100);
    for (let part = 0; part < count; part++) await loud.burst(companyIds[0] ?? "", 100);
    await Promise.all(disconnected.map((client) => client.connect()));
  },
});

export const slowReader = deliveryScenario({
  name: "slow-reader",
  about: "One client reads 1 KiB/s and the others read fast.",
  // The backlog of the slow client costs more than a refetch, so the gateway sends it a resync.
  guarantees: { mayResync: true },
  openBackend,
  inject: async ({ environment: { balancer }, clients, mayMiss, loud, companyIds }) => {
    const company = companyIds[0] ?? "";
    const client = clients.find(({ companyId }) => companyId === company);
    if (!client) return;
    mayMiss.add(client);
    client.disconnect();
    // The next new connection belongs to this client: no other client connects at this time.
    const isSlowLink = laterLinks(balancer);
    await client.connect();
    balancer.set({ bytesPerSecond: slowBytesPerSecond }, isSlowLink);
    // On a busy machine the other clients must not fall behind, too.
    const others = clients.filter((other) => other !== client && other.companyId === company);
    for (let sent = 0; sent < floodEvents; sent += floodChunk) {
      const ids = await loud.burst(company, floodChunk, floodPadding);
      await Promise.all(others.map((other) => other.received(ids.at(-1) ?? "")));
    }
    // The remaining bytes arrive, followed by the gateway's resync.
    balancer.set({ bytesPerSecond: 0 }, isSlowLink);
  },
});

/** Selects links that are opened after this call: link numbers increase. */
function laterLinks(balancer: { cut(which: (link: number) => boolean): number }): (link: number) => boolean {
  let newest = -1;
  balancer.cut((link) => {
    newest = Math.max(newest, link);
    return false;
  });
  return (link) => link > newest;
}

export const crowdReturns = deliveryScenario({
  name: "crowd-returns",
  about: "All connections break at the same moment and all clients reconnect at once.",
  openBackend,
  clientsPerCompany: (size = defaultClients) => Math.ceil(size / 3),
  inject: async ({ environment: { balancer }, random }) => {
    await delay(random.between(50, 300));
    balancer.cut();
    await delay(settleMs);
  },
});
