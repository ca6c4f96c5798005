import { setTimeout as delay } from "node:timers/promises";
import { median, percentile } from "../harness/benchmark.ts";
import { Browsers } from "./environment/browsers.ts";
import { Phones } from "./environment/phones.ts";
import type { Part } from "./environment/pipeline-environment.ts";
import { measureHops } from "./hops/hops.ts";

const perSecond = 200;
const [warmUpMs, defaultSeconds, defaultRounds] = [10_000, 15, 3];
const hopMs = 3_000;
/** Duration of each stage: two workers, one worker, two workers. */
const stageMs = 4_000;
/** Deadline after a kill. It covers the expiry of the job's lock, its retry, and the sweep of unpublished events. */
const settleMs = 40_000;

/**
 * Measures the latency from WhatsApp to the browser with one worker, then checks that messages arrive exactly once
 * although one of two workers is killed.
 */
export const arrival: Part = async (environment, context) => {
  const { seconds = defaultSeconds, rounds = defaultRounds } = context.options;
  const [phones, browsers] = [await Phones.open(environment, context), await Browsers.open(environment, context)];
  const first = await environment.startWorker();
  await phones.write(perSecond, warmUpMs);
  await environment.analyze();
  const measured: { p50: number; p99: number; hops: number }[] = [];
  while (measured.length < rounds) {
    browsers.latencies = [];
    await phones.write(perSecond, seconds * 1_000);
    const [p50, p99] = [percentile(browsers.latencies, 50), percentile(browsers.latencies, 99)];
    const hops = await measureHops(environment, { perSecond, forMs: hopMs });
    measured.push({ p50, p99, hops: Object.values(hops).reduce((sum, ms) => sum + ms, 0) });
    context.log(
      `${perSecond}/s to browsers: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms. Hops alone, p50 in ms: ` +
        Object.entries(hops)
          .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
          .join(", "),
    );
  }

  const second = await environment.startWorker();
  const writing = phones.write(perSecond, 3 * stageMs);
  await delay(stageMs);
  await second.process.kill();
  await delay(stageMs);
  const third = await environment.startWorker();
  await writing;
  const lost = await browsers.missing(phones.emitted, settleMs);
  context.log(
    `${phones.emitted.size} messages, ${lost} lost, ${browsers.doubled} doubled; one of two workers was killed. ` +
      `Browsers received ${browsers.resyncs} resync frames; none reconnected, so none had to recover.`,
  );
  await Promise.all([first, third].map((worker) => worker.stop(10_000)));
  return {
    p50_ms: median(measured.map(({ p50 }) => p50)),
    p99_ms: median(measured.map(({ p99 }) => p99)),
    hops_p50_ms: median(measured.map(({ hops }) => hops)),
    ratio_hops: median(measured.map(({ p50, hops }) => p50 / hops)),
    lost,
    doubled: browsers.doubled,
    resyncs: browsers.resyncs,
  };
};
