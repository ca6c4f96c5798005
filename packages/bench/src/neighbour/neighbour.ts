import { execFileSync, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startRedis } from "@syszap/testing/servers";
import { ClientPool } from "../client-pool/client-pool.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type BenchmarkContext, median, percentile } from "../harness/benchmark.ts";
import { connectClients, type LoadEnvironment, openLoadEnvironment } from "../load/load-environment.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived } from "../load/saturate.ts";

const clientsPerCompany = 10;
const quietCompanies = 99;
const loudPerSecond = 10_000;
/** For all quiet companies together: two events per second for each. */
const quietPerSecond = 2 * quietCompanies;
const rounds = 5;
const [warmUpMs, measuredMs] = [1_500, 6_000];
const microsecondsPerMs = 1_000;

export const neighbour: Benchmark = {
  name: "neighbour",
  about:
    "Latency of 99 quiet companies while another company publishes 10,000 events/s from a separate process, compared with the latency without it",
  goals: { quiet_p99_ratio: "≤ 2" },
  run: async ({ onEnd, log }) => {
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const size = { companies: quietCompanies, clients: quietCompanies * clientsPerCompany };
    const environment = await openLoadEnvironment(["syszap", startSyszap], { redisUrl: redis.url, ...size }, onEnd);
    if (!environment) throw new Error("The gateway did not start.");
    const loudEnvironment = await openLoudEnvironment(environment, onEnd);
    const [alone, disturbed, loudRates]: number[][] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      const without = await quietP99(environment);
      const loud = await startLoud(loudEnvironment, redis.url);
      await delay(warmUpMs);
      const withLoud = await quietP99(environment);
      const loudRate = await loud.stop();
      log(
        `round ${round}: p99 ${without.toFixed(2)} ms alone, ${withLoud.toFixed(2)} ms beside ${Math.round(loudRate)} events/s`,
      );
      alone?.push(without);
      disturbed?.push(withLoud);
      loudRates?.push(loudRate);
      await delay(warmUpMs);
    }
    const [before, after] = [median(alone ?? []), median(disturbed ?? [])];
    return {
      figures: {
        quiet_p99_ratio: after / before,
        quiet_p99_alone_ms: before,
        quiet_p99_ms: after,
        loud_per_s: median(loudRates ?? []),
      },
    };
  },
};

/**
 * Uses the same gateway with readers in a separate process, because browsers of different companies do not wait for
 * each other.
 */
async function openLoudEnvironment(quiet: LoadEnvironment, onEnd: BenchmarkContext["onEnd"]): Promise<LoadEnvironment> {
  const pool = new ClientPool();
  onEnd(() => pool.close());
  yieldCpu(pool.pid);
  const environment = { ...quiet, pool, companyIds: [randomUUID()] };
  await connectClients(environment, clientsPerCompany);
  return environment;
}

/**
 * Lets a process run only on idle cores (SCHED_IDLE). The loud company's publisher and readers stand for other machines. A low
 * priority is not enough: Linux lets a running process keep its core for a slice of about 3 ms.
 */
function yieldCpu(pid: number | undefined): void {
  execFileSync("chrt", ["--idle", "--all-tasks", "--pid", "0", String(pid)]);
}

async function quietP99({ gateway, pool, companyIds }: LoadEnvironment): Promise<number> {
  const load = new PacedLoad({
    publish: gateway.publish,
    companyIds,
    perSecond: quietPerSecond,
  });
  await delay(warmUpMs);
  await pool.listen(true);
  await delay(measuredMs);
  const quiet = await pool.latencies();
  load.stop();
  await pool.listen(false);
  return percentile(quiet.flat(), 99) / microsecondsPerMs;
}

/** Publishes from a separate process, so that the publisher of the quiet companies is not delayed. */
async function startLoud(environment: LoadEnvironment, redisUrl: string): Promise<{ stop: () => Promise<number> }> {
  const { events } = await environment.pool.count();
  const entry = fileURLToPath(new URL("loud-publisher.ts", import.meta.url));
  const child = fork(entry, [redisUrl, environment.companyIds[0] ?? "", String(loudPerSecond)]);
  await once(child, "spawn");
  yieldCpu(child.pid);
  const startedAt = performance.now();
  return {
    stop: async () => {
      child.send("stop");
      const [{ published }] = (await once(child, "message")) as [{ published: number }];
      const seconds = (performance.now() - startedAt) / 1_000;
      child.disconnect();
      await arrived(environment, events + published * environment.clientsPerCompany);
      return published / seconds;
    },
  };
}
