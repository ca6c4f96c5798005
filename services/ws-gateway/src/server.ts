import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { announceInstance, Publisher } from "@syszap/event-bus";
import {
  acceptQueue,
  connectRedis,
  createMetrics,
  Health,
  type Lifecycle,
  type Logger,
  opsHandler,
  whenReady,
  withLogContext,
} from "@syszap/platform";
import { Upgrade } from "./admission/upgrade.ts";
import { Authorizer } from "./authorize.ts";
import type { Config } from "./config.ts";
import { ClientFrames } from "./connection/client-frames.ts";
import { Liveness } from "./connection/liveness.ts";
import { drain } from "./drain.ts";
import { FanOut } from "./fan-out/fan-out.ts";
import { Gateway } from "./gateway.ts";
import { Hub } from "./hub.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { createGatewayMetrics } from "./metrics.ts";
import { Refusal, refuseRequest } from "./refusal.ts";
import { requestContextOf } from "./request-context.ts";
import { Heartbeat } from "./statistics/heartbeat.ts";
import { createStatsRoute } from "./statistics/stats-route.ts";

export interface RunningGateway {
  port: number;
  getWebSocketStats: Hub["getWebSocketStats"];
}

/**
 * Opens all connections, listens last, and registers the stop sequence: clients are asked to reconnect elsewhere, then the
 * HTTP server and Redis are closed.
 */
export async function startGateway(options: {
  config: Config;
  log: Logger;
  lifecycle: Lifecycle;
  limits?: Partial<Limits>;
}): Promise<RunningGateway> {
  const { config, log, lifecycle } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const redis = connectRedis(config.REDIS_URL, "command", log);
  lifecycle.onStop("redis", () => redis.disconnect());
  const subscriberRedis = connectRedis(config.REDIS_URL, "subscriber", log);
  lifecycle.onStop("subscriber connection", () => subscriberRedis.disconnect());
  await Promise.all([whenReady(redis), whenReady(subscriberRedis)]);

  const metrics = createMetrics("ws-gateway");
  const gatewayMetrics = createGatewayMetrics(metrics, {
    connections: () => hub.connectionCount,
    companies: () => gateway.subscriber.companyCount,
    pendingBytes: () => fanOut.pendingBytes,
    unsentBytes: () => fanOut.budget.unsentBytes,
    isBusReady: () => gateway.subscriber.isReady,
  });
  const fanOut = new FanOut(limits, gatewayMetrics);
  const liveness = new Liveness(limits, () => fanOut.budget.recount());
  lifecycle.onStop("liveness", () => liveness.stop());
  const hub = new Hub(fanOut, liveness);
  const gateway = new Gateway({ hub, subscriberRedis, redis, limits, metrics: gatewayMetrics, log });
  lifecycle.onStop("gateway", () => gateway.close());
  const publisher = new Publisher(redis, log);
  const gatewayId = config.GATEWAY_ID;
  const heartbeat = new Heartbeat({ hub, redis, publisher, gatewayId, limits, log });
  heartbeat.start();
  lifecycle.onStop("heartbeat", () => heartbeat.stop());
  lifecycle.onStop("announcement", announceInstance(redis, "ws-gateway", log));
  const authorizer = new Authorizer({ keySetUrl: config.TOKEN_KEY_SET_URL, redis, gatewayId, log });
  const clientFrames = new ClientFrames({ authorizer, publisher, redis, limits, metrics: gatewayMetrics, log });
  const upgrade = new Upgrade({
    authorizer,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustedProxies: config.TRUSTED_PROXIES,
    limits,
    metrics: gatewayMetrics,
    log,
    isReady: () => gateway.subscriber.isReady,
    onConnection: (connection, since) => {
      clientFrames.listenTo(connection);
      void gateway.join(connection, since);
    },
  });

  const health = new Health();
  health.addCheck("redis", () => redis.ping());
  health.addCheck("subscriptions", () => {
    if (!gateway.subscriber.isReady) throw new Error("catching up with Redis");
  });
  const ops = opsHandler({ health, metrics });
  const server = createHttpServer({ ops, stats: createStatsRoute(authorizer, hub), log });
  server.on("upgrade", (req, socket, head) => void upgrade.handle(req, socket, head));
  await listen(server, config);
  lifecycle.onStop("http", () => close(server));
  lifecycle.onStop("clients", () => {
    health.startDraining();
    upgrade.close();
    return drain(hub, limits);
  });
  // Sockets are still accepted during the pause: a load balancer sends some until it has noticed.
  lifecycle.beforeStop({ pauseMs: config.DRAIN_PAUSE_SECONDS * 1_000, start: () => health.startDraining() });
  const { port } = server.address() as AddressInfo;
  log.info({ port, gatewayId }, "listening");
  return { port, getWebSocketStats: (companyId) => hub.getWebSocketStats(companyId) };
}

function createHttpServer(options: {
  ops: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  stats: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  log: Logger;
}): Server {
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    if (await options.ops(req, res)) return;
    const path = req.url?.split("?", 1)[0];
    if (path === "/stats" && req.method === "GET") return options.stats(req, res);
    refuseRequest(
      res,
      path === "/ws" ? new Refusal(426, "This path accepts WebSocket connections only") : new Refusal(404, "Not found"),
    );
  };
  const server = createServer((req, res) => {
    withLogContext(requestContextOf(req), () =>
      handle(req, res).catch((err: unknown) => {
        options.log.error({ err, path: req.url?.split("?", 1)[0] }, "request failed");
        if (!res.headersSent) refuseRequest(res, new Refusal(503, "Temporarily unavailable", 2));
      }),
    );
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  return server;
}

const listen = (server: Server, { HOST, PORT }: Config) =>
  new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: PORT, host: HOST, backlog: acceptQueue }, resolve);
  });

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
