import type { EngineName } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { MediaStore } from "@syszap/media-store";
import type { Health, Logger, Metrics, RedisClient } from "@syszap/platform";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Redis } from "ioredis";
import { Guard } from "./auth/guard.ts";
import type { Passwords } from "./auth/passwords.ts";
import { createRateLimits } from "./auth/rate-limits.ts";
import { SignIn } from "./auth/sign-in.ts";
import type { Tokens } from "./auth/tokens.ts";
import { type Handlers, mountEndpoints } from "./endpoint.ts";
import { queueDashboard } from "./operator/queue-dashboard.ts";
import { problemHandler, unknownRoute } from "./problem.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { authRoutes } from "./routes/auth.ts";
import { broadcastRoutes } from "./routes/broadcast.ts";
import { chatRoutes } from "./routes/chats.ts";
import { clientRoutes } from "./routes/clients.ts";
import { deadLetterRoutes, operatorDeadLetterRoutes } from "./routes/dead-letters.ts";
import { meRoutes } from "./routes/me.ts";
import { mediaRoutes } from "./routes/media.ts";
import { messageRoutes } from "./routes/messages.ts";
import { openChatRoutes } from "./routes/open-chat.ts";
import { operationRoutes } from "./routes/operations.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { realtimeRoutes } from "./routes/realtime.ts";
import { sessionCodeRoutes } from "./routes/session-codes.ts";
import { sessionPacingRoutes } from "./routes/session-pacing.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import { webhookDeliveryRoutes, webhookRoutes } from "./routes/webhooks.ts";
import { createSendMessage } from "./sending/send-message.ts";

/** All that the API works with; `main` opens it. */
export interface AppParts {
  database: Database;
  redis: RedisClient;
  publisher: Publisher;
  /** Has the role "queue-producer". */
  queueRedis: Redis;
  media: MediaStore;
  tokens: Tokens;
  passwords: Passwords;
  health: Health;
  metrics: Metrics;
  log: Logger;
  settings: {
    allowedOrigins: readonly string[];
    trustedProxies: string[];
    defaultEngine: EngineName;
    /** Webhooks may go to private addresses, and over plain HTTP. */
    allowPrivateWebhooks?: boolean;
  };
}

/** The whole API, without a port. */
export function createApp(parts: AppParts): Express {
  const { settings, tokens, redis, log } = parts;
  const guard = new Guard(tokens, parts.database.system, settings.allowedOrigins);
  const app = express();
  app.set("trust proxy", settings.trustedProxies);
  app.set("query parser", "simple");
  app.set("etag", false);
  app.use(measure(parts.metrics), helmet(securityHeaders), neverStored);
  app.use(
    mountEndpoints(handlersOf(parts), {
      admit: guard.admit,
      callerOf: guard.callerOf,
      limits: createRateLimits(redis),
    }),
  );
  app.use(queueDashboard({ ...parts, operators: parts.database.system.operators }));
  app.use(unknownRoute);
  app.use(problemHandler(log));
  return app;
}

function handlersOf(parts: AppParts): Handlers {
  const { database, publisher, tokens, passwords, redis, log } = parts;
  const { logins: accounts, operators, refreshTokens } = database.system;
  const signIn = new SignIn({ accounts, refreshTokens, passwords, tokens, publisher, log });
  return {
    ...authRoutes(signIn),
    ...meRoutes(database, tokens),
    ...apiKeyRoutes({ database, publisher, log }),
    ...sessionRoutes({ database, publisher, log, defaultEngine: parts.settings.defaultEngine }),
    ...sessionCodeRoutes(database, publisher),
    ...sessionPacingRoutes(database),
    ...clientRoutes(database),
    ...chatRoutes({ database, publisher, log }),
    ...messageRoutes(database, createSendMessage({ database, publisher, log })),
    ...openChatRoutes(database),
    ...mediaRoutes({ database, store: parts.media, tokens, log }),
    ...uploadRoutes(database, parts.media),
    ...realtimeRoutes({ redis, publisher, tokens }),
    ...broadcastRoutes(database, publisher),
    ...operatorRoutes({ operators, passwords, tokens }),
    ...deadLetterRoutes(database),
    ...operatorDeadLetterRoutes(database),
    ...webhookRoutes({ database, allowPrivate: parts.settings.allowPrivateWebhooks ?? false, log }),
    ...webhookDeliveryRoutes(database),
    ...operationRoutes(parts),
  };
}

/** Answers hold data, never a page. */
const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
};

/** What is of one person and one moment stays out of every cache; an endpoint may say otherwise. */
const neverStored: RequestHandler = (_req, res, next) => {
  res.set("Cache-Control", "no-store");
  next();
};

function measure(metrics: Metrics): RequestHandler {
  const seconds = metrics.histogram("http_request_seconds", "Time to answer, by operation", ["operation", "status"]);
  return (_req, res, next) => {
    const stop = seconds.startTimer();
    res.on("close", () => stop({ operation: res.locals.operation ?? "none", status: res.statusCode }));
    next();
  };
}
