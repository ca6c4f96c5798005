import { randomUUID } from "node:crypto";
import { connectDatabase, type Database, type LaneLimits, type LogLimits } from "@syszap/database";
import { Publisher } from "@syszap/event-bus";
import { connectRedis, createMetrics, Health, type Lifecycle, type Logger, startOpsServer } from "@syszap/platform";
import type { Config } from "./config.ts";
import { ReceiverClient } from "./http/receiver-client.ts";
import { createSenderMetrics, reportEndpoints } from "./metrics.ts";
import { Sender } from "./sender.ts";
import { Slots } from "./slots.ts";
import { Upkeep } from "./upkeep.ts";

interface ServiceParts {
  config: Config;
  log: Logger;
  lifecycle: Lifecycle;
}
const hourMs = 3_600_000;
/** Then another endpoint may have its turn, and a changed address or secret is read. */
const longestTurnMs = 5_000;
/** For writing down what came of the last requests of a turn. */
const settleMs = 3_000;
const connections = 20;

/** Opens resources and wires them: dependencies first, the sender and the ops port last. */
export async function startWebhookSender({
  config,
  log,
  lifecycle,
}: ServiceParts): Promise<{ port: number; db: Database }> {
  const metrics = createMetrics("webhook-sender");
  const redis = connectRedis(config.REDIS_URL, "command", log);
  lifecycle.onStop("redis", () => redis.disconnect());
  const db = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    maxConnections: connections,
    publish: () => Promise.reject(new Error("this process emits nothing")),
    log,
  });
  lifecycle.onStop("database", () => db.close());
  await db.ping();

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
  const turnMs = Math.min(longestTurnMs, timeoutMs);
  const sender = new Sender({
    ...{ client, log, turnMs, metrics: senderMetrics },
    lanes: db.system.webhookLanes,
    slots: new Slots(config.WEBHOOK_CONCURRENCY),
    holder: randomUUID(),
    backoffSeconds: config.WEBHOOK_BACKOFF_SECONDS,
    limits: laneLimitsOf(config),
    concurrency: config.WEBHOOK_ENDPOINT_CONCURRENCY,
    mostLanes: config.WEBHOOK_CONCURRENCY,
    leaseMs: turnMs + timeoutMs + settleMs,
  });
  sender.start();
  lifecycle.onStop("sender", () => sender.stop());

  const health = new Health();
  health.addCheck("postgres", () => db.ping());
  const ops = await startOpsServer({ host: config.HOST, port: config.PORT, health, metrics, log });
  lifecycle.onStop("ops server", ops.close);
  lifecycle.onStop("readiness", () => health.startDraining());
  log.info({ port: ops.port, concurrency: config.WEBHOOK_CONCURRENCY }, "webhook sender is running");
  return { port: ops.port, db };
}

const laneLimitsOf = (config: Config): LaneLimits => ({
  pauseAfter: 5,
  firstPauseMs: 5_000,
  mostPauseMs: 300_000,
  disableAfterMs: config.WEBHOOK_DISABLE_AFTER_HOURS * hourMs,
  disableAfter: 10,
});

const logLimitsOf = (config: Config): LogLimits => ({
  keptMs: config.WEBHOOK_LOG_DAYS * 24 * hourMs,
  mostFinished: 10_000,
  mostWaiting: 100_000,
});
