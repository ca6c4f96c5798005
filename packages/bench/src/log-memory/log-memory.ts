import { randomUUID } from "node:crypto";
import { channels, keys } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { Benchmark, Figures } from "../harness/benchmark.ts";
import { nextEvent } from "../load/event.ts";

const defaultCompanies = 20;
/** One event per second for the ten minutes of the window. */
const eventsOfTypicalCompany = 600;
/** Companies whose log is filled to its limit of 16 MiB. */
const fullCompanies = 4;
/** More events of 350 bytes than fit into a log: the last ones are published while old ones are deleted. */
const eventsOfFullCompany = 50_000;
const eventsMeasuredWhenFull = 5_000;
const eventsPerCall = 3;
const concurrentCalls = 64;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Measures what the companies' logs cost Redis: memory per company, and time of the publish script per event. */
export const logMemory: Benchmark = {
  name: "log-memory",
  about:
    "Redis memory of one company's log, ids and head: typical (600 events within ten minutes) and full (16 MiB); time of the publish script per event, by Redis's own count",
  goals: { typical_kb_per_company: "≤ 600", full_mb_per_company: "≤ 40" },
  run: async ({ log, onEnd, options }) => {
    const server = await startRedis();
    onEnd(() => server.stop());
    const redis = new Redis(server.url);
    onEnd(async () => redis.disconnect());
    const publisher = new Publisher(redis, silent);
    const typical = Array.from({ length: options.companies ?? defaultCompanies }, () => randomUUID());
    const full = Array.from({ length: fullCompanies }, () => randomUUID());
    const figures: Figures = {};

    const empty = await usedBytes(redis);
    figures.script_us_per_event = await scriptTime(redis, () => publishTo(publisher, typical, eventsOfTypicalCompany));
    const filled = await usedBytes(redis);
    figures.typical_kb_per_company = (filled - empty) / typical.length / 1024;
    log(`${typical.length} companies with ${eventsOfTypicalCompany} events each are filled`);

    await publishTo(publisher, full, eventsOfFullCompany - eventsMeasuredWhenFull);
    figures.script_us_per_event_when_full = await scriptTime(redis, () =>
      publishTo(publisher, full, eventsMeasuredWhenFull),
    );
    figures.full_mb_per_company = ((await usedBytes(redis)) - filled) / full.length / 1024 ** 2;
    Object.assign(figures, await keysOf(redis, channels.company(full[0] ?? "")));
    return { figures };
  },
};

/** Publishes to all companies in turn, as a busy worker does. */
async function publishTo(publisher: Publisher, companyIds: readonly string[], eventsOfEach: number): Promise<void> {
  const calls = Math.ceil(eventsOfEach / eventsPerCall) * companyIds.length;
  let next = 0;
  const publishOn = async () => {
    while (next < calls) {
      const companyId = companyIds[next % companyIds.length] ?? "";
      next += 1;
      await publisher.publishDurable(companyId, Array.from({ length: eventsPerCall }, nextEvent));
    }
  };
  await Promise.all(Array.from({ length: concurrentCalls }, publishOn));
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

/** Returns the microseconds of the script per event, from Redis's statistics of the command. */
async function scriptTime(redis: Redis, publish: () => Promise<void>): Promise<number> {
  await redis.config("RESETSTAT");
  await publish();
  const [, calls, microseconds] =
    /^cmdstat_evalsha:calls=(\d+),usec=(\d+)/m.exec(await redis.info("commandstats")) ?? [];
  return Number(microseconds) / Number(calls) / eventsPerCall;
}

/** Returns the memory of a full company's keys, and the payload bytes of its log. */
async function keysOf(redis: Redis, channel: string): Promise<Figures> {
  const names = { log: keys.log(channel), positions: keys.positions(channel) };
  const figures: Figures = {};
  for (const [name, key] of Object.entries(names))
    figures[`full_${name}_mb`] = Number(await redis.memory("USAGE", key, "SAMPLES", 0)) / 1024 ** 2;
  const entries = await redis.xrangeBuffer(names.log, "-", "+");
  const payloadBytes = entries.reduce((sum, [, fields]) => sum + (fields[1]?.length ?? 0), 0);
  figures.full_payload_mb = payloadBytes / 1024 ** 2;
  figures.full_events = entries.length;
  return figures;
}
