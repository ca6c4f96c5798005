import { setTimeout as delay } from "node:timers/promises";
import { median, percentile } from "../harness/benchmark.ts";
import { Browsers } from "./environment/browsers.ts";
import { Phones } from "./environment/phones.ts";
import type { Part } from "./environment/pipeline-environment.ts";

const perSecond = 200;
const [warmUpMs, roundMs, rounds] = [10_000, 15_000, 3];
/** Duration of each stage: two workers, one worker, two workers. */
const stageMs = 4_000;
/** Deadline after a kill. It covers the expiry of the job's lock, its retry, and the sweep of unpublished events. */
const settleMs = 40_000;

/**
 * Measures the latency from WhatsApp to the browser with one worker, then checks that messages arrive exactly once
 * although one of two workers is killed.
 */
export const arrival: Part = async (environment, context) => {
  const [phones, browsers] = [await Phones.open(environment, context), await Browsers.open(environment, context)];
  const first = await environment.startWorker();
  await phones.write(perSecond, warmUpMs);
  await environment.analyze();
  const measured: { p50: number; p99: number }[] = [];
  while (measured.length < rounds) {
    browsers.latencies = [];
    await phones.write(perSecond, roundMs);
    measured.push({ p50: percentile(browsers.latencies, 50), p99: percentile(browsers.latencies, 99) });
    const { p50, p99 } = measured.at(-1) ?? { p50: Number.NaN, p99: Number.NaN };
    context.log(`${perSecond}/s to browsers: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms.`);
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
    lost,
    doubled: browsers.doubled,
    resyncs: browsers.resyncs,
  };
};
