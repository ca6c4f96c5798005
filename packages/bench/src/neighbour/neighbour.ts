import { execFileSync, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startRedis } from "@syszap/testing/servers";
import { ClientPool } from "../client-pool/client-pool.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type BenchmarkContext, median, percentile } from "../harness/benchmark.ts";
import { connectClients, type LoadEnvironment, openLoadEnvironment, reportGaps } from "../load/load-environment.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived } from "../load/saturate.ts";

const clientsPerCompany = 10;
const quietCompanies = 99;
const loudPerSecond = 10_000;
/** For all quiet companies together: two events per second for each. */
const quietPerSecond = 2 * quietCompanies;
const defaultRounds = 5;
const [warmUpMs, defaultSeconds] = [1_500, 6];
const microsecondsPerMs = 1_000;

export const neighbour: Benchmark = {
  name: "neighbour",
  about:
    "Latency of 99 quiet companies while another company publishes 10,000 events/s from a separate process, compared with the latency without it",
  goals: { quiet_p99_ratio: "≤ 2" },
  run: async ({ onEnd, log, options }) => {
    const { rounds = defaultRounds, seconds = defaultSeconds } = options;
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const size = { companies: quietCompanies, clients: quietCompanies * clientsPerCompany };
    const environment = await openLoadEnvironment(["syszap", startSyszap], { redisUrl: redis.url, ...size }, onEnd);
    if (!environment) throw new Error("The gateway did not start.");
    const loudEnvironment = await openLoudEnvironment(environment, onEnd);
    const [alone, disturbed, loudRates]: number[][] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      const without = await quietP99(environment, seconds);
      const loud = await startLoud(loudEnvironment, redis.url);
      await delay(warmUpMs);
      const withLoud = await quietP99(environment, seconds);
      const loudRate = await loud.stop();
      log(
        `round ${round}: p99 ${without.toFixed(2)} ms alone, ${withLoud.toFixed(2)} ms beside ${Math.round(loudRate)} events/s`,
      );
      if (loudRate < loudPerSecond / 2)
        log("The loud company had too little CPU time on this busy machine: this round proves nothing.");
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
        ...(await reportGaps([environment, loudEnvironment], log)),
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
  const environment = { ...quiet, pool, companyIds: [randomUUID()] };
  await connectClients(environment, clientsPerCompany);
  yieldCpu(pool.pid); // after connecting: on a busy machine its tickets would expire
  return environment;
}

/**
 * Lets a process run only on idle cores (SCHED_IDLE). The loud company's publisher and readers stand for other machines. A low
 * priority is not enough: Linux lets a running process keep its core for a slice of about 3 ms.
 */
function yieldCpu(pid: number | undefined): void {
  execFileSync("chrt", ["--idle", "--all-tasks", "--pid", "0", String(pid)]);
}

async function quietP99({ name, gateway, pool, companyIds }: LoadEnvironment, seconds: number): Promise<number> {
  const { events } = await pool.count();
  const load = new PacedLoad({
    publish: gateway.publish,
    companyIds,
    perSecond: quietPerSecond,
  });
  await delay(warmUpMs);
  await pool.listen(true);
  await delay(seconds * 1_000);
  const quiet = await pool.latencies();
  await load.stop();
  await pool.listen(false);
  await arrived({ pool, name }, events + load.published * clientsPerCompany);
  return percentile(quiet.flat(), 99) / microsecondsPerMs;
}

/** Publishes from a separate process, so that the publisher of the quiet companies is not delayed. */
async function startLoud(environment: LoadEnvironment, redisUrl: string): Promise<{ stop: () => Promise<number> }> {
  const { events } = await environment.pool.count();
  const entry = fileURLToPath(new URL("loud-publisher.ts", import.meta.url));
  const child = fork(entry, [redisUrl, environment.companyIds[0] ?? "", String(loudPerSecond)]);
  await once(child, "message"); // it is connected and publishes from now on
  yieldCpu(child.pid);
  const startedAt = performance.now();
  return {
    stop: async () => {
      child.send("stop");
      const ended = once(child, "exit").then(([code]) => {
        throw new Error(`The loud publisher exited with code ${code} before it had published everything.`);
      });
      const answered = once(child, "message") as Promise<[{ published: number }]>;
      const [{ published }] = await Promise.race([answered, ended]);
      ended.catch(() => undefined);
      const seconds = (performance.now() - startedAt) / 1_000;
      child.disconnect();
      await arrived(environment, events + published * environment.clientsPerCompany);
      return published / seconds;
    },
  };
}
