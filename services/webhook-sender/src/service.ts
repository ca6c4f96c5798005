import { randomUUID } from "node:crypto";
import { companyConnections, connectDatabase, type Database, type LaneLimits, type LogLimits } from "@syszap/database";
import { announceInstance, Publisher } from "@syszap/event-bus";
import { connectRedis, createMetrics, Health, type Lifecycle, type Logger, startOpsServer } from "@syszap/platform";
import pLimit from "p-limit";
import type { Config } from "./config.ts";
import { ReceiverClient } from "./http/receiver-client.ts";
import { createSenderMetrics, reportEndpoints } from "./metrics.ts";
import type { Vapid } from "./push/push-attempt.ts";
import { PushSender } from "./push/push-sender.ts";
import { Sender } from "./sender.ts";
import { Upkeep } from "./upkeep.ts";

interface ServiceOptions {
  config: Config;
  log: Logger;
  lifecycle: Lifecycle;
}
const hourMs = 3_600_000;
/** After this the lane is released: other endpoints are served, and a changed address or secret is read. */
const maxLaneRunMs = 5_000;
/** Time to record the outcome of the last requests of a lane run, as part of the lease. */
const recordMs = 3_000;

/** Opens all resources and starts the sender. Resources close in reverse order. */
export async function startWebhookSender({
  config,
  log,
  lifecycle,
}: ServiceOptions): Promise<{ port: number; db: Database }> {
  const metrics = createMetrics("webhook-sender");
  const redis = connectRedis(config.REDIS_URL, "command", log);
  lifecycle.onStop("redis", () => redis.disconnect());
  const db = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    hasNamedStatements: config.DATABASE_NAMED_STATEMENTS,
    maxConnections: companyConnections(config.DATABASE_CONNECTIONS),
    publish: () => Promise.reject(new Error("webhook-sender does not emit events")),
    log,
  });
  lifecycle.onStop("database", () => db.close());
  await db.ping();
  await db.requireSchema();

  const senderMetrics = createSenderMetrics(metrics);
  const upkeep = new Upkeep({
    upkeep: db.system.webhookUpkeep,
    publisher: new Publisher(redis, log),
    metrics: senderMetrics,
    limits: logLimitsOf(config),
    log,
  });
  reportEndpoints(metrics, db.system.webhookUpkeep);
  upkeep.start();
  lifecycle.onStop("upkeep", () => upkeep.stop());

  const timeoutMs = config.WEBHOOK_TIMEOUT_MS;
  const client = new ReceiverClient({ allowPrivate: config.WEBHOOK_ALLOW_PRIVATE, timeoutMs });
  lifecycle.onStop("receiver connections", () => client.close());
  const maxRunMs = Math.min(maxLaneRunMs, timeoutMs);
  const push = vapidOf(config);
  if (push) {
    const options = { redis, client, log, vapid: push, metrics: senderMetrics, notices: db.system.pushNotices };
    const pushSender = new PushSender({ ...options, publisher: new Publisher(redis, log) });
    pushSender.start();
    lifecycle.onStop("push sender", () => pushSender.stop());
  }
  const sender = new Sender({
    client,
    log,
    maxRunMs,
    metrics: senderMetrics,
    lanes: db.system.webhookLanes,
    requestLimit: pLimit(config.WEBHOOK_CONCURRENCY),
    holder: randomUUID(),
    backoffSeconds: config.WEBHOOK_BACKOFF_SECONDS,
    limits: laneLimitsOf(config),
    concurrency: config.WEBHOOK_ENDPOINT_CONCURRENCY,
    maxLanes: config.WEBHOOK_CONCURRENCY,
    leaseMs: maxRunMs + timeoutMs + recordMs,
  });
  sender.start();
  lifecycle.onStop("sender", () => sender.stop());

  const health = new Health();
  health.addCheck("postgres", () => db.probe());
  const ops = await startOpsServer({ host: config.HOST, port: config.PORT, health, metrics, log });
  lifecycle.onStop("ops server", ops.close);
  lifecycle.onStop("readiness", () => health.startDraining());
  lifecycle.onStop("announcement", announceInstance(redis, "webhook-sender", log));
  log.info({ port: ops.port, concurrency: config.WEBHOOK_CONCURRENCY }, "webhook sender is running");
  return { port: ops.port, db };
}

function vapidOf(config: Config): Vapid | undefined {
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, VAPID_SUBJECT: subject } = config;
  return publicKey && privateKey && subject ? { publicKey, privateKey, subject } : undefined;
}

const laneLimitsOf = (config: Config): LaneLimits => ({
  pauseAfter: 5,
  firstPauseMs: 5_000,
  maxPauseMs: 300_000,
  disableAfterMs: config.WEBHOOK_DISABLE_AFTER_HOURS * hourMs,
  disableAfter: 10,
});

const logLimitsOf = (config: Config): LogLimits => ({
  keptMs: config.WEBHOOK_LOG_DAYS * 24 * hourMs,
  maxFinished: 10_000,
  maxWaiting: 100_000,
});
