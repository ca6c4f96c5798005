import { execFileSync, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startRedis } from "@syszap/testing/servers";
import { type Benchmark, type BenchmarkContext, median, percentile } from "../benchmark.ts";
import { startSyszap } from "../contenders/syszap.ts";
import { Crowd } from "../crowd/crowd.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived } from "../load/saturate.ts";
import { fillScene, openScene, type Scene } from "../load/scene.ts";

const clientsPerCompany = 10;
const quietCompanies = 99;
const loudPerSecond = 10_000;
/** Of all together: two a second each. */
const quietPerSecond = 2 * quietCompanies;
const rounds = 5;
const [warmUpMs, measuredMs] = [1_500, 6_000];
const microsecondsPerMs = 1_000;

export const neighbour: Benchmark = {
  name: "neighbour",
  about:
    "Time from publishing to a client of 99 quiet companies, while one more company publishes 10,000 events/s from a process of its own, against the same without it",
  goals: { quiet_p99_ratio: "≤ 2" },
  run: async ({ onEnd, say }) => {
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const size = { companies: quietCompanies, clients: quietCompanies * clientsPerCompany };
    const scene = await openScene(["syszap", startSyszap], { redisUrl: redis.url, ...size }, onEnd);
    if (!scene) throw new Error("the gateway did not start");
    const loudScene = await openLoudScene(scene, onEnd);
    const [alone, disturbed, loudRates]: number[][] = [[], [], []];
    for (let round = 1; round <= rounds; round++) {
      const without = await quietP99(scene);
      const loud = await startLoud(loudScene, redis.url);
      await delay(warmUpMs);
      const withLoud = await quietP99(scene);
      const loudRate = await loud.stop();
      say(
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

/** The same gateway, but readers in a process of their own: a browser never waits for another company's browser to read. */
async function openLoudScene(quiet: Scene, onEnd: BenchmarkContext["onEnd"]): Promise<Scene> {
  const crowd = new Crowd();
  onEnd(() => crowd.close());
  yieldCpu(crowd.pid);
  const scene = { ...quiet, crowd, companyIds: [randomUUID()] };
  await fillScene(scene, clientsPerCompany);
  return scene;
}

/**
 * The loud company's publisher and readers would have machines of their own: here they run while nobody else wants to. A low
 * priority is not enough: Linux lets who runs keep the core for its slice, some 3 ms, whoever wakes up.
 */
function yieldCpu(pid: number | undefined): void {
  execFileSync("chrt", ["--idle", "--all-tasks", "--pid", "0", String(pid)]);
}

async function quietP99({ contender, crowd, companyIds }: Scene): Promise<number> {
  const load = new PacedLoad({
    publish: contender.publish,
    companyIds,
    perSecond: quietPerSecond,
  });
  await delay(warmUpMs);
  await crowd.listen(true);
  await delay(measuredMs);
  const quiet = await crowd.latencies();
  load.stop();
  await crowd.listen(false);
  return percentile(quiet.flat(), 99) / microsecondsPerMs;
}

/** In a process of its own, so that the quiet companies' publisher is not what is held up. */
async function startLoud(scene: Scene, redisUrl: string): Promise<{ stop: () => Promise<number> }> {
  const { events } = await scene.crowd.count();
  const entry = fileURLToPath(new URL("loud-publisher.ts", import.meta.url));
  const child = fork(entry, [redisUrl, scene.companyIds[0] ?? "", String(loudPerSecond)]);
  await once(child, "spawn");
  yieldCpu(child.pid);
  const startedAt = performance.now();
  return {
    stop: async () => {
      child.send("stop");
      const [{ published }] = (await once(child, "message")) as [{ published: number }];
      const seconds = (performance.now() - startedAt) / 1_000;
      child.disconnect();
      await arrived(scene, events + published * scene.clientsPerCompany);
      return published / seconds;
    },
  };
}
