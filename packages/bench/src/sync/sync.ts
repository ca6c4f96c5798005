import { setTimeout as delay } from "node:timers/promises";
import { type Benchmark, median, percentile } from "../harness/benchmark.ts";
import { Browsers } from "../pipeline/environment/browsers.ts";
import { Phones } from "../pipeline/environment/phones.ts";
import { openPipelineEnvironment } from "../pipeline/environment/pipeline-environment.ts";
import { openPhoneWithHistory } from "./phone-with-history.ts";

/** Live messages to all phones together. */
const perSecond = 50;
const [warmUpMs, defaultSeconds, partMs] = [10_000, 20, 5_000];
const history = { phoneNumber: "5511900000001", chats: 500, messagesPerChat: 100 };
/** Fills the tables before the measurement: Postgres plans for the sizes of the last ANALYZE. */
const earlierHistory = { phoneNumber: "5511900000000", chats: 100, messagesPerChat: 50 };
const deadlineMs = 600_000;
const pollIntervalMs = 100;
/** Deadline for the last live messages. */
const settleMs = 40_000;

/**
 * Live messages are measured without a sync, and then until 50,000 messages of another phone of one of the companies are
 * stored.
 */
export const sync: Benchmark = {
  name: "sync",
  about:
    "Latency of live messages from WhatsApp to the browser while 50,000 older messages of a phone are read and stored, compared with the latency without",
  goals: { ratio_p99: "≤ 2", lost: "0", missing: "0" },
  run: async (context) => {
    const { seconds = defaultSeconds } = context.options;
    const environment = await openPipelineEnvironment(context);
    const [phones, browsers] = [await Phones.open(environment, context), await Browsers.open(environment, context)];
    const worker = await environment.startWorker();
    await phones.write(perSecond, warmUpMs);
    const earlier = await openPhoneWithHistory(environment, earlierHistory);
    await earlier.start();
    for (const until = performance.now() + deadlineMs; !(await earlier.isRecovered()); await delay(pollIntervalMs))
      if (performance.now() > until) throw new Error("The earlier history was not stored in time.");
    await environment.analyze();
    const live = async (forMs: number) => {
      const from = browsers.latencies.length;
      await phones.write(perSecond, forMs);
      return browsers.latencies.slice(from);
    };

    const before = summaryOf(await live(seconds * 1_000));
    context.log(`Without a sync: p50 ${before.p50.toFixed(1)} ms, p99 ${before.p99.toFixed(1)} ms.`);

    const phone = await openPhoneWithHistory(environment, history);
    const total = history.chats * history.messagesPerChat;
    const startedAt = performance.now();
    await phone.start();
    const latencies: number[] = [];
    const p99s: number[] = [];
    while (!(await phone.isRecovered())) {
      if (performance.now() - startedAt > deadlineMs) throw new Error("The history was not stored in time.");
      const part = await live(partMs);
      latencies.push(...part);
      p99s.push(percentile(part, 99));
    }
    const syncSeconds = (performance.now() - startedAt) / 1_000;
    const during = summaryOf(latencies);
    context.log(
      `During the sync of ${total} messages (${syncSeconds.toFixed(0)} s): p50 ${during.p50.toFixed(1)} ms, ` +
        `p99 ${during.p99.toFixed(1)} ms; p99 of each ${partMs / 1_000} s: ${p99s.map((ms) => ms.toFixed(0)).join(", ")}.`,
    );
    const after = summaryOf(await live(seconds * 1_000));
    const lost = await browsers.missing(phones.emitted, settleMs);
    await worker.stop(10_000);
    const without = { p50: median([before.p50, after.p50]), p99: median([before.p99, after.p99]) };
    return {
      figures: {
        p50_ms: without.p50,
        p99_ms: without.p99,
        sync_p50_ms: during.p50,
        sync_p99_ms: during.p99,
        ratio_p50: during.p50 / without.p50,
        ratio_p99: during.p99 / without.p99,
        sync_messages_per_s: total / syncSeconds,
        lost,
        missing: total - (await phone.stored()),
      },
    };
  },
};

const summaryOf = (latencies: readonly number[]) => ({
  p50: percentile(latencies, 50),
  p99: percentile(latencies, 99),
});
