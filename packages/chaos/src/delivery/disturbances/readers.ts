import { setTimeout as delay } from "node:timers/promises";
import { deliveryScenario } from "../delivery-scenario.ts";
import { SingleRedis } from "../single-redis.ts";

const openBackend = () => SingleRedis.start();
const calmMs = 200;
/** As much as Redis keeps for a subscriber in the burst's scenario, and far less than the burst. */
const outputBufferLimit = ["--client-output-buffer-limit", "pubsub 64kb 32kb 1"];
const [burst, burstPadding] = [900, 300];
/** More than the log keeps of one company. */
const beyondTheLog = 2_600;
const slowBytesPerSecond = 1_024;
/** More than a gateway keeps for one connection and the kernel's buffers together. */
const [floodEvents, floodPadding] = [700, 30_000];
const floodChunk = 20;
const smallCrowd = 100;

export const bursts = deliveryScenario({
  name: "bursts",
  about: "A burst passes what Redis keeps for a slow subscriber, and it is thrown out.",
  openBackend: () => SingleRedis.start(outputBufferLimit),
  disturb: async ({ ground, random, loud, companyIds }) => {
    const { wire } = ground.someGateway(random);
    wire?.set({ delayMs: random.between(50, 200) });
    await loud.burst(random.pick(companyIds), burst, burstPadding);
    wire?.set({ delayMs: 0 });
    await delay(calmMs);
  },
});

export const longSleep = deliveryScenario({
  name: "long-sleep",
  about: "Some sleep while more is said than the log keeps.",
  guarantees: { mayResync: true },
  openBackend,
  disturb: async ({ random, people, mayMiss, loud, companyIds }) => {
    const asleep = people.filter(() => random.chance(0.4));
    for (const person of asleep) {
      mayMiss.add(person);
      person.leave();
    }
    const count = Math.ceil(beyondTheLog / 100);
    for (let part = 0; part < count; part++) await loud.burst(companyIds[0] ?? "", 100);
    await Promise.all(asleep.map((person) => person.join()));
  },
});

export const slowReader = deliveryScenario({
  name: "slow-reader",
  about: "Somebody reads a kilobyte a second among others who read fast.",
  // What a gateway would have to send again is more than a refetch: the slow one is told so.
  guarantees: { mayResync: true },
  openBackend,
  disturb: async ({ ground: { balancer }, people, mayMiss, loud, companyIds }) => {
    const company = companyIds[0] ?? "";
    const person = people.find(({ companyId }) => companyId === company);
    if (!person) return;
    mayMiss.add(person);
    person.leave();
    // The next connection is theirs, and no other comes meanwhile.
    const isTheirs = newestLink(balancer);
    await person.join();
    balancer.set({ bytesPerSecond: slowBytesPerSecond }, isTheirs);
    for (let said = 0; said < floodEvents; said += floodChunk) await loud.burst(company, floodChunk, floodPadding);
    // What the wire still holds arrives, and behind it the gateway's word that this reader was too slow.
    balancer.set({ bytesPerSecond: 0 }, isTheirs);
  },
});

/** Numbers grow: whatever comes after this moment has a greater one. */
function newestLink(balancer: { cut(which: (link: number) => boolean): number }): (link: number) => boolean {
  let newest = -1;
  balancer.cut((link) => {
    newest = Math.max(newest, link);
    return false;
  });
  return (link) => link > newest;
}

export const crowdReturns = deliveryScenario({
  name: "crowd-returns",
  about: "All connections break at the same moment, and everybody comes back at once.",
  openBackend,
  crowd: (size = smallCrowd) => Math.ceil(size / 3),
  disturb: async ({ ground: { balancer }, random }) => {
    await delay(random.between(50, 300));
    balancer.cut();
    await delay(calmMs);
  },
});
