import { randomUUID } from "node:crypto";
import { type EphemeralEvent, wholeCompany } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import { type Benchmark, median } from "../harness/benchmark.ts";
import { nextEvent } from "../load/event.ts";

const companies = 50;
/** Number of concurrent calls for all companies, as in a busy worker. */
const underWay = 256;
const seconds = 3;
const rounds = 3;
/** Events of one message transaction: message, client and chat. */
const eventsPerTransaction = 3;
const notice: EphemeralEvent<"announcement"> = {
  type: "announcement",
  audience: wholeCompany,
  data: { title: "Manutenção", body: "x".repeat(160), level: "info", timestamp: "2026-01-02T03:04:05.678Z" },
};
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export const publish: Benchmark = {
  name: "publish",
  about:
    "Events per second that one process publishes with all functions of the bus (log, chain, once, expiry, fence): about 350 bytes, 50 companies",
  goals: { durable_per_s: "≥ 20,000", ephemeral_per_s: "≥ 50,000" },
  run: async ({ log, onEnd }) => {
    const server = await startRedis();
    onEnd(() => server.stop());
    const redis = new Redis(server.url);
    onEnd(async () => redis.disconnect());
    const publisher = new Publisher(redis, silent);
    const companyIds = Array.from({ length: companies }, () => randomUUID());
    const kinds: Record<string, { events: number; publish: (companyId: string) => Promise<unknown> }> = {
      durable_per_s: {
        events: eventsPerTransaction,
        publish: (id) => publisher.publishDurable(id, Array.from({ length: eventsPerTransaction }, nextEvent)),
      },
      durable_one_by_one_per_s: { events: 1, publish: (id) => publisher.publishDurable(id, [nextEvent()]) },
      ephemeral_per_s: {
        events: 1,
        publish: (id) => publisher.publishEphemeral(id, notice, { expiresInMs: 10_000 }),
      },
    };
    const measured = new Map<string, number[]>();
    for (let round = 1; round <= rounds; round++) {
      for (const [name, { events, publish }] of Object.entries(kinds)) {
        const perSecond = events * (await callsPerSecond((turn) => publish(companyIds[turn % companies] ?? "")));
        measured.set(name, [...(measured.get(name) ?? []), perSecond]);
        log(`round ${round}, ${name}: ${Math.round(perSecond)}`);
      }
    }
    return { figures: Object.fromEntries([...measured].map(([name, values]) => [name, median(values)])) };
  },
};

async function callsPerSecond(call: (turn: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  let turns = 0;
  const keepCalling = async () => {
    while (performance.now() < endsAt) await call(turns++);
  };
  await Promise.all(Array.from({ length: underWay }, keepCalling));
  return turns / ((performance.now() - startedAt) / 1_000);
}
