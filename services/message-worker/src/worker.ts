import { isJobName, type JobName, jobSchemas, queues, workerSettings } from "@syszap/contracts";
import { isDatabaseUnavailable, isUnknownReference } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { DatabaseGate } from "./database-gate.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { Processors } from "./processors/index.ts";

export interface InboundWorkerOptions {
  /** Has the role "queue-worker"; the worker adds a blocking connection of its own. */
  redis: Redis;
  concurrency: number;
  processors: Processors;
  gate: DatabaseGate;
  metrics: WorkerMetrics;
  log: Logger;
}

/** After Redis was away, BullMQ would look again only after 15 s. */
const lookAgainAfterMs = 1_000;
const handBackForMs = 1_000;

/** Jobs run at least once, so processors must be idempotent. */
export function startWorker(options: InboundWorkerOptions): Worker {
  const { redis, concurrency, log } = options;
  const worker = new Worker(queues.inboundMessages, (job, token) => runWhenPossible(job, token, options), {
    connection: redis,
    concurrency,
    ...workerSettings,
    runRetryDelay: lookAgainAfterMs,
  });
  worker.on("failed", (job, err) => {
    options.metrics.failed.inc({ job: knownName(job?.name) });
    log.warn({ err, jobId: job?.id, attempt: job?.attemptsMade }, "job failed");
  });
  worker.on("error", (err) => log.warn({ err }, "worker connection failed"));
  return worker;
}

/** Postgres being away is nobody's fault and no attempt: the job waits, keeping its lock, or goes back when the process stops. */
async function runWhenPossible(job: Job, token: string | undefined, options: InboundWorkerOptions): Promise<void> {
  for (;;) {
    try {
      return await runTimed(job, options);
    } catch (error) {
      if (isUnknownReference(error)) throw new UnrecoverableError("its company or session does not exist");
      if (!isDatabaseUnavailable(error)) throw error;
      if (await options.gate.untilBack()) continue;
      await job.moveToDelayed(Date.now() + handBackForMs, token);
      throw new DelayedError();
    }
  }
}

async function runTimed(job: Job, { processors, metrics }: InboundWorkerOptions): Promise<void> {
  if (!isJobName(job.name)) throw new Error(`no processor for ${job.name}`); // a newer deploy's job: retry
  const end = metrics.duration.startTimer({ job: job.name });
  await run(job.name, job.data, processors);
  end();
  metrics.processed.inc({ job: job.name });
}

/** A malformed payload never becomes valid, so it skips the remaining attempts. */
async function run<Name extends JobName>(name: Name, payload: unknown, processors: Processors): Promise<void> {
  const parsed = jobSchemas[name].safeParse(payload);
  if (!parsed.success) throw new UnrecoverableError(`malformed payload\n${z.prettifyError(parsed.error)}`);
  await processors[name](parsed.data);
}

/** Job names come from outside; metrics must not grow with them. */
const knownName = (name: string | undefined) => (name !== undefined && isJobName(name) ? name : "unknown");
