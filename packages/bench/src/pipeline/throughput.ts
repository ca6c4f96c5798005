import { setTimeout as delay } from "node:timers/promises";
import { inboundJobOptions, queues } from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import { Queue } from "bullmq";
import { median } from "../harness/benchmark.ts";
import { cpuSeconds } from "../harness/process-costs.ts";
import { nextMessages } from "./environment/next-messages.ts";
import type { Part, PipelineEnvironment } from "./environment/pipeline-environment.ts";
import { messagesPerSecondInSql, messagesPerSecondThroughEmptyHandler } from "./walls/walls.ts";

const defaultRounds = 3;
const [warmUp, measured] = [4_000, 16_000];
const pollIntervalMs = 10;
const deadlineMs = 60_000;
const atOnce = 1_000;

/**
 * Measures one worker with a full queue and, in turn, the two walls: the throughput of the queue alone and of the
 * database alone.
 */
export const throughput: Part = async (environment, { log, onEnd, options }) => {
  const { rounds = defaultRounds } = options;
  const worker = await environment.startWorker();
  const queue = new Queue(queues.inboundMessages, { connection: { url: environment.redisUrl } });
  onEnd(() => queue.close());
  await drain(environment, queue, warmUp);
  await environment.analyze();
  const rates = { worker: [] as number[], queue: [] as number[], sql: [] as number[] };
  const cpu: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const before = cpuSeconds(worker.process.pid);
    rates.worker.push(await drain(environment, queue, measured));
    cpu.push(((cpuSeconds(worker.process.pid) - before) * 1_000_000) / measured);
    rates.queue.push(await messagesPerSecondThroughEmptyHandler(environment));
    rates.sql.push(await messagesPerSecondInSql(environment));
    const [stored, empty, sql] = [rates.worker, rates.queue, rates.sql].map((each) => Math.round(each.at(-1) ?? 0));
    log(`Round ${round}: ${stored} messages/s stored and published; empty handler ${empty}/s, its SQL ${sql}/s.`);
  }
  await worker.stop(10_000);
  // Ratios are computed per round, because other load on the machine affects all three measurements.
  const ratios = rates.worker.map((rate, at) => rate / Math.min(rates.queue[at] ?? 0, rates.sql[at] ?? 0));
  return {
    messages_per_s: median(rates.worker),
    wall_queue_per_s: median(rates.queue),
    wall_sql_per_s: median(rates.sql),
    ratio_wall: median(ratios),
    worker_cpu_us_per_message: median(cpu),
  };
};

/** Fills the paused queue, resumes it and measures messages per second until the last one is stored and published. */
async function drain(environment: PipelineEnvironment, queue: Queue, count: number): Promise<number> {
  await queue.pause();
  await queue.clean(0, 0, "completed");
  const jobs = nextMessages(environment.tenants, count);
  for (let from = 0; from < count; from += atOnce) {
    const part = jobs.slice(from, from + atOnce);
    await queue.addBulk(
      part.map((data) => ({ name: "message", data, opts: { ...inboundJobOptions, jobId: jobIdOf("message", data) } })),
    );
  }
  const startedAt = performance.now();
  await queue.resume();
  while ((await queue.getCompletedCount()) < count) {
    if (performance.now() - startedAt > deadlineMs) throw new Error("The worker did not finish in time.");
    await delay(pollIntervalMs);
  }
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  await untilMarked(environment);
  return perSecond;
}

/** Waits until the worker has marked all events as published. A job is complete before that, when they are published. */
async function untilMarked({ unpublished }: PipelineEnvironment): Promise<void> {
  for (const startedAt = performance.now(); (await unpublished()) > 0; await delay(pollIntervalMs)) {
    if (performance.now() - startedAt > deadlineMs)
      throw new Error("The worker committed transactions without publishing their events.");
  }
}
