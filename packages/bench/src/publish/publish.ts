import { randomUUID } from "node:crypto";
import { type DurableEvent, type EphemeralEvent, wholeCompany } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import { type Benchmark, type Figures, median } from "../harness/benchmark.ts";
import { nextEvent } from "../load/event.ts";

const companies = 50;
/** Number of concurrent calls for all companies, as in a busy worker. */
const underWay = 256;
const defaultSeconds = 3;
const defaultRounds = 3;
/** Events of one message transaction: message, client and chat. */
const eventsPerTransaction = 3;
/** Bounds the memory of Redis. It is trimmed in whole nodes, which costs little. */
const bareLogLength = 2_000;
const notice: EphemeralEvent<"announcement"> = {
  type: "announcement",
  audience: wholeCompany,
  data: { title: "Manutenção", body: "x".repeat(160), level: "info", timestamp: "2026-01-02T03:04:05.678Z" },
};
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** One way to publish. A call publishes `events` events. */
interface Kind {
  events: number;
  publish(companyId: string): Promise<unknown>;
}

export const publish: Benchmark = {
  name: "publish",
  about:
    "Events per second that one process publishes with all functions of the bus (log, chain, once, expiry, fence), compared with bare XADD and PUBLISH of the same bytes in a pipeline: about 350 bytes, 50 companies",
  goals: { ratio_bare_durable: "≥ 0.35", ratio_bare_ephemeral: "≥ 0.6" },
  run: async ({ log, onEnd, options }) => {
    const { seconds = defaultSeconds, rounds = defaultRounds } = options;
    const server = await startRedis();
    onEnd(() => server.stop());
    const redis = new Redis(server.url);
    onEnd(async () => redis.disconnect());
    const companyIds = Array.from({ length: companies }, () => randomUUID());
    const kinds = Object.entries({ ...kindsOfBus(redis), ...bareKinds(redis) });
    const measured = new Map<string, number[]>();
    for (let round = 1; round <= rounds; round++) {
      for (const [name, { events, publish }] of kinds) {
        const calls = await callsPerSecond((turn) => publish(companyIds[turn % companies] ?? ""), seconds);
        measured.set(name, [...(measured.get(name) ?? []), events * calls]);
        log(`round ${round}, ${name}: ${Math.round(events * calls)}`);
      }
    }
    return summarise(measured);
  },
};

function kindsOfBus(redis: Redis) {
  const publisher = new Publisher(redis, silent);
  return {
    durable_per_s: {
      events: eventsPerTransaction,
      publish: (id) => publisher.publishDurable(id, nextTransaction()),
    },
    durable_one_by_one_per_s: { events: 1, publish: (id) => publisher.publishDurable(id, [nextEvent()]) },
    ephemeral_per_s: { events: 1, publish: (id) => publisher.publishEphemeral(id, notice, { expiresInMs: 10_000 }) },
  } satisfies Record<string, Kind>;
}

/** The commands that no log and no notification can do without, with the bytes of the same events. */
function bareKinds(redis: Redis) {
  return {
    bare_durable_per_s: {
      events: eventsPerTransaction,
      publish: (id) => {
        const pipeline = redis.pipeline();
        for (const event of nextTransaction()) {
          const frame = frameOf(event);
          pipeline.xadd(`bare:log:{${id}}`, "MAXLEN", "~", bareLogLength, "*", "f", frame);
          pipeline.publish(`bare:{${id}}`, frame);
        }
        return pipeline.exec();
      },
    },
    bare_ephemeral_per_s: { events: 1, publish: (id) => redis.publish(`bare:{${id}}`, frameOf(notice)) },
  } satisfies Record<string, Kind>;
}

const nextTransaction = () => Array.from({ length: eventsPerTransaction }, nextEvent);

/** The frame that clients receive; the audience stays on the server. */
function frameOf({ audience: _, ...event }: DurableEvent | EphemeralEvent): string {
  return JSON.stringify(event);
}

/** Ratios are computed per round, because other load on the machine affects both measurements. */
function summarise(measured: ReadonlyMap<string, readonly number[]>): { figures: Figures; peers: { bare: Figures } } {
  const ratesOf = (name: string) => measured.get(name) ?? [];
  const ratio = (name: string) =>
    median(ratesOf(name).map((rate, at) => rate / (ratesOf(`bare_${name}`)[at] ?? Number.NaN)));
  const of = (...names: string[]) => Object.fromEntries(names.map((name) => [name, median(ratesOf(name))]));
  return {
    figures: {
      ...of("durable_per_s", "durable_one_by_one_per_s", "ephemeral_per_s"),
      ratio_bare_durable: ratio("durable_per_s"),
      ratio_bare_ephemeral: ratio("ephemeral_per_s"),
    },
    peers: {
      bare: {
        durable_per_s: median(ratesOf("bare_durable_per_s")),
        ephemeral_per_s: median(ratesOf("bare_ephemeral_per_s")),
      },
    },
  };
}

async function callsPerSecond(call: (turn: number) => Promise<unknown>, seconds: number): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  let turns = 0;
  const keepCalling = async () => {
    while (performance.now() < endsAt) await call(turns++);
  };
  await Promise.all(Array.from({ length: underWay }, keepCalling));
  return turns / ((performance.now() - startedAt) / 1_000);
}
