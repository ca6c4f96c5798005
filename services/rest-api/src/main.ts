import { queues } from "@syszap/contracts";
import { companyConnections, connectDatabase } from "@syszap/database";
import { announceInstance, Publisher } from "@syszap/event-bus";
import { openMediaStore, openPrivateStore, startIncomingSweep } from "@syszap/media-store";
import {
  connectRedis,
  createMetrics,
  Health,
  logRetention,
  main,
  mediaSettings,
  type RedisClient,
  SealedSecrets,
  whenReady,
} from "@syszap/platform";
import { Queue } from "bullmq";
import { type AppDependencies, createApp } from "./app.ts";
import { createFirstOperator } from "./auth/first-operator.ts";
import { Passwords } from "./auth/passwords.ts";
import { Tokens } from "./auth/tokens.ts";
import { DeletionJob } from "./companies/deletion/deletion-job.ts";
import { type Config, loadConfig } from "./config.ts";
import { LogWatcher } from "./consumers/log-watcher.ts";
import { startFileSweeps } from "./media/file-sweeps.ts";
import { DrawingPool } from "./media/thumbnails/drawing-pool.ts";
import { startServer } from "./server.ts";
import { startAccounts } from "./start-accounts.ts";

/** Connectors look for profiles to wipe every minute. */
const profileWaitMs = 10 * 60_000;
const redisWaitMs = 2_000;
/** TypeScript when the service runs from source, otherwise a bundle. */
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

const settingsOf = (config: Config): AppDependencies["settings"] => ({
  allowedOrigins: config.ALLOWED_ORIGINS,
  trustedProxies: config.TRUSTED_PROXIES,
  defaultEngine: config.DEFAULT_ENGINE,
  operatorRule: { needsSecondFactor: config.NODE_ENV === "production" },
  allowPrivateWebhooks: config.WEBHOOK_ALLOW_PRIVATE,
  allowPrivateProxies: config.PROXY_ALLOW_PRIVATE,
  pushPublicKey: config.VAPID_PUBLIC_KEY,
  limits: config,
});

/** Saves the first requests from errors at a usual start. The API also starts, and is ready, without Redis. */
const waitBriefly = (connections: RedisClient[]) =>
  Promise.allSettled(connections.map((connection) => whenReady(connection, redisWaitMs)));

function startDraining(...parts: { startDraining: () => void }[]): void {
  for (const part of parts) part.startDraining();
}

main("rest-api", async ({ log, lifecycle }) => {
  const config = loadConfig(process.env);

  const redis = connectRedis(config.REDIS_URL, "command", log);
  lifecycle.onStop("redis", () => redis.disconnect());
  const queueRedis = connectRedis(config.QUEUE_REDIS_URL ?? config.REDIS_URL, "queue-producer", log);
  lifecycle.onStop("queue redis", () => queueRedis.disconnect());
  await waitBriefly([redis, queueRedis]);
  const queue = new Queue(queues.inboundMessages, { connection: queueRedis });
  queue.on("error", (err) => log.debug({ err }, "the queue lost its Redis connection"));

  const publisher = new Publisher(redis, log, logRetention(config));
  const database = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    hasNamedStatements: config.DATABASE_NAMED_STATEMENTS,
    maxConnections: companyConnections(config.DATABASE_CONNECTIONS),
    publish: (companyId, events) => publisher.publishDurable(companyId, events),
    log,
  });
  lifecycle.onStop("database", () => database.close());
  await database.ping();
  await database.requireSchema();

  const health = new Health();
  // Redis is not required for readiness: users can read and send without it, and sweepers publish later.
  health.addCheck("database", () => database.probe());

  lifecycle.onStop("incoming sweep", startIncomingSweep(config.MEDIA_DIRECTORY, log));
  const passwords = await Passwords.create();
  await createFirstOperator(config, { operators: database.system.operators, passwords, log });
  const media = await openMediaStore(mediaSettings(config));
  const profiles = await openPrivateStore(mediaSettings(config), { limitBytes: 0 });
  const deletions = new DeletionJob({ database, media, profiles, redis, queue, profileWaitMs }, log);
  deletions.start();
  lifecycle.onStop("deletions", () => deletions.stop());
  lifecycle.onStop("file sweeps", startFileSweeps({ database, store: media, log }));
  const metrics = createMetrics("rest-api");
  const watcher = new LogWatcher((companyIds) => database.system.eventLog.heads(companyIds), log);
  const drawing = new DrawingPool(new URL(`./media/thumbnails/drawing-process.${extension}`, import.meta.url));
  lifecycle.onStop("drawing processes", () => drawing.close());
  const accounts = startAccounts({ config, database, metrics, log });
  lifecycle.onStop("accounts", () => accounts.stop());
  const app = createApp({
    database,
    redis,
    queue,
    publisher,
    health,
    log,
    media,
    watcher,
    drawing,
    tokens: await Tokens.from(config.TOKEN_SIGNING_KEY),
    passwords,
    ...accounts,
    metrics,
    accountSecrets: new SealedSecrets(config.ACCOUNT_ENCRYPTION_KEY, "second factor"),
    ...(config.SESSION_ENCRYPTION_KEY && { proxySecrets: new SealedSecrets(config.SESSION_ENCRYPTION_KEY, "proxy") }),
    settings: settingsOf(config),
  });
  const server = await startServer(app, { host: config.HOST, port: config.PORT });
  lifecycle.onStop("server", () => server.close());
  lifecycle.onStop("announcement", announceInstance(redis, "rest-api", log));
  watcher.start();
  // Before the server, whose `close` waits for requests in progress.
  lifecycle.onStop("waiting consumers", () => watcher.stop());
  lifecycle.beforeStop({ pauseMs: config.DRAIN_PAUSE_SECONDS * 1_000, start: () => startDraining(health, server) });
  log.info({ port: server.port }, "listening");
});
