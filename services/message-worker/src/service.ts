import { companyConnections, connectDatabase, type Database } from "@syszap/database";
import { announceInstance, Publisher, Replay } from "@syszap/event-bus";
import {
  connectRedis,
  createMetrics,
  Health,
  type Lifecycle,
  type Logger,
  logRetention,
  type Metrics,
  type RedisOf,
  type RedisRole,
  startOpsServer,
  whenReady,
} from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import type { Job } from "bullmq";
import type { Config } from "./config.ts";
import { DatabaseGate } from "./database-gate.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { reportBacklog, timePublishing, watchJobs } from "./pipeline-metrics.ts";
import { createProcessors } from "./processors/index.ts";
import { Sweeper } from "./sweeper.ts";
import { startWorker } from "./worker.ts";

/** Connections for the sweeper and the health check, in addition to those for jobs. */
const spareConnections = 2;
const closeTimeoutMs = 10_000;

interface ServiceParts {
  config: Config;
  log: Logger;
  lifecycle: Lifecycle;
}

/** Opens and connects all parts: dependencies first, the worker and the ops server last. */
export async function startMessageWorker(
  parts: ServiceParts,
): Promise<{ port: number; db: Database; sweeper: Sweeper }> {
  const { config, log, lifecycle } = parts;
  const metrics = createMetrics("message-worker");
  const { bus, producer, consumer, publisher, db } = await open(parts, metrics);

  const workerMetrics = createWorkerMetrics(metrics);
  const sweeper = new Sweeper({
    db,
    queueRedis: producer,
    publisher,
    eventLogDays: config.EVENT_LOG_DAYS,
    auditLogDays: config.AUDIT_LOG_DAYS,
    metrics: workerMetrics,
    log,
  });
  reportBacklog(metrics, { db, sweeper });
  const replay = new Replay({ redis: bus, publisher, source: () => db.system.outbox.publishedRecently(), log });
  lifecycle.onStop("replay", () => replay.stop());
  await replay.start();
  sweeper.start();
  lifecycle.onStop("sweeper", () => sweeper.stop());

  const gate = new DatabaseGate(() => db.ping(), log);
  const processors = createProcessors(db, (facts) => {
    workerMetrics.forgotten.inc({ why: "bound" }, facts);
    log.warn({ facts }, "a company has too many pending facts; deleted the oldest");
  });
  const worker = startWorker({
    redis: consumer,
    concurrency: config.CONCURRENCY,
    processors,
    gate,
    metrics: workerMetrics,
    log,
  });
  watchJobs(metrics, worker);
  worker.on("failed", (job) => {
    if (isGivenUp(job))
      sweeper
        .moveFailed()
        .catch((err: unknown) =>
          log.warn({ err }, "could not move failed jobs to the dead letters; the sweep will do it"),
        );
  });
  lifecycle.onStop("worker", async () => {
    gate.stop();
    // Without Redis the jobs cannot be handed back: their locks expire and another worker takes them.
    await resultWithin(worker.close(consumer.status !== "ready"), closeTimeoutMs);
  });

  const health = new Health();
  health.addCheck("redis", () => bus.ping());
  health.addCheck("queue", () => producer.ping());
  health.addCheck("postgres", () => db.probe());
  const ops = await startOpsServer({ host: config.HOST, port: config.PORT, health, metrics, log });
  lifecycle.onStop("ops server", ops.close);
  lifecycle.onStop("readiness", () => health.startDraining());
  lifecycle.onStop("announcement", announceInstance(bus, "message-worker", log));
  log.info({ port: ops.port, concurrency: config.CONCURRENCY }, "message worker is running");
  return { port: ops.port, db, sweeper };
}

/** Opens all connections. Each is closed after the parts that use it. */
async function open({ config, log, lifecycle }: ServiceParts, metrics: Metrics) {
  const connect = <Role extends RedisRole>(url: string, role: Role): RedisOf<Role> => {
    const redis = connectRedis(url, role, log);
    lifecycle.onStop(`redis ${role}`, () => redis.disconnect());
    return redis;
  };
  const queueUrl = config.QUEUE_REDIS_URL ?? config.REDIS_URL;
  const bus = connect(config.REDIS_URL, "command");
  const producer = connect(queueUrl, "queue-producer");
  const consumer = connect(queueUrl, "queue-worker");
  const publisher = new Publisher(bus, log, logRetention(config));
  const db = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    hasNamedStatements: config.DATABASE_NAMED_STATEMENTS,
    maxConnections: Math.min(config.CONCURRENCY + spareConnections, companyConnections(config.DATABASE_CONNECTIONS)),
    isLookupsOnly: true,
    publish: timePublishing(metrics, (companyId, events) => publisher.publishDurable(companyId, events)),
    log,
  });
  lifecycle.onStop("database", () => db.close());
  await Promise.all([whenReady(bus), whenReady(producer), whenReady(consumer), db.ping()]);
  await db.requireSchema();
  return { bus, producer, consumer, publisher, db };
}

/** True when the job has no attempts left and is in the queue's list of failed jobs. */
const isGivenUp = (job: Job | undefined) => job?.finishedOn !== undefined;
