import { hostname } from "node:os";
import { isJobName, type JobName, jobSchemas, queues, workerSettings } from "@syszap/contracts";
import { isDatabaseUnavailable, isUnknownReference } from "@syszap/database";
import { type Logger, withLogContext } from "@syszap/platform";
import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { DatabaseGate } from "./database-gate.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { Processors } from "./processors/index.ts";

export interface InboundWorkerOptions {
  /** Must have the role "queue-worker". The worker opens one more, blocking connection. */
  redis: Redis;
  concurrency: number;
  processors: Processors;
  gate: DatabaseGate;
  metrics: WorkerMetrics;
  log: Logger;
}

/** Retry delay after a lost Redis connection. BullMQ's default is 15 s. */
const runRetryDelayMs = 1_000;
const handBackDelayMs = 1_000;

/** Starts processing the inbound queue. Jobs run at least once, so processors must be idempotent. */
export function startWorker(options: InboundWorkerOptions): Worker {
  const { redis, concurrency, log } = options;
  const run = (job: Job, token?: string) => withLogContext(contextOf(job), () => runWhenAvailable(job, token, options));
  const worker = new Worker(queues.inboundMessages, run, {
    connection: redis,
    name: `${hostname()}:${process.pid}`,
    concurrency,
    ...workerSettings,
    runRetryDelay: runRetryDelayMs,
  });
  worker.on("failed", (job, err) => {
    options.metrics.failed.inc({ job: knownName(job?.name) });
    log.warn({ err, jobId: job?.id, attempt: job?.attemptsMade }, "job failed");
  });
  worker.on("error", (err) => log.warn({ err }, "worker connection failed"));
  return worker;
}

const contextOf = ({ id }: Job) => (id === undefined ? {} : { jobId: id });

/**
 * Runs a job, and waits while Postgres is unavailable. The wait does not count as a failed attempt: the job keeps its lock, or goes back
 * to the queue when the process stops.
 */
async function runWhenAvailable(job: Job, token: string | undefined, options: InboundWorkerOptions): Promise<void> {
  for (;;) {
    try {
      return await runTimed(job, options);
    } catch (error) {
      if (isUnknownReference(error)) throw new UnrecoverableError("the company or session of the job does not exist");
      if (!isDatabaseUnavailable(error)) throw error;
      if (await options.gate.untilAvailable()) continue;
      await job.moveToDelayed(Date.now() + handBackDelayMs, token);
      throw new DelayedError();
    }
  }
}

async function runTimed(job: Job, { processors, metrics }: InboundWorkerOptions): Promise<void> {
  if (!isJobName(job.name)) throw new Error(`no processor for ${job.name}`); // a newer release may know it: retry
  const end = metrics.duration.startTimer({ job: job.name });
  await run(job.name, job.data, processors);
  end();
  metrics.processed.inc({ job: job.name });
}

/** Validates the payload and runs the processor. A malformed payload never becomes valid, so it skips the remaining attempts. */
async function run<Name extends JobName>(name: Name, payload: unknown, processors: Processors): Promise<void> {
  const parsed = jobSchemas[name].safeParse(payload);
  if (!parsed.success) throw new UnrecoverableError(`malformed payload\n${z.prettifyError(parsed.error)}`);
  await processors[name](parsed.data);
}

/** An unknown name must not create a new time series. */
const knownName = (name: string | undefined) => (name !== undefined && isJobName(name) ? name : "unknown");
