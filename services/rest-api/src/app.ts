import { randomUUID } from "node:crypto";
import { type EngineName, RequestId } from "@syszap/contracts";
import type { Database, OperatorFactorRule } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { MediaStore } from "@syszap/media-store";
import {
  type Health,
  type Logger,
  type Metrics,
  type RedisClient,
  type SealedSecrets,
  withLogContext,
} from "@syszap/platform";
import type { Queue } from "bullmq";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { BlockedSignIns } from "./auth/blocked-sign-ins.ts";
import { Challenges } from "./auth/challenges.ts";
import { PasswordConfirmation } from "./auth/confirm-password.ts";
import { Guard } from "./auth/guard.ts";
import { LoginStates } from "./auth/login-states.ts";
import { LoginThrottle } from "./auth/login-throttle.ts";
import type { Passwords } from "./auth/passwords.ts";
import { createRateLimits } from "./auth/rate-limits.ts";
import { Revoker } from "./auth/revoker.ts";
import { SignIn } from "./auth/sign-in.ts";
import type { Tokens } from "./auth/tokens.ts";
import { rejectLargeBodies } from "./body-limit.ts";
import { Companies } from "./companies/companies.ts";
import { InviteOwner } from "./companies/invite-owner.ts";
import type { LogWatcher } from "./consumers/log-watcher.ts";
import { type Handlers, mountEndpoints } from "./endpoint.ts";
import type { Limits } from "./limit-environment.ts";
import type { DrawingPool } from "./media/thumbnails/drawing-pool.ts";
import { Thumbnails } from "./media/thumbnails/thumbnails.ts";
import { OperatorAccounts } from "./operator/operator-accounts.ts";
import { OperatorSignIn } from "./operator/operator-sign-in.ts";
import { queueDashboard } from "./operator/queue-dashboard.ts";
import type { AccountLinks } from "./people/account-links.ts";
import type { PasswordResets } from "./people/password-resets.ts";
import { People } from "./people/people.ts";
import { problemHandler, unknownRoute } from "./problem.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { authRoutes } from "./routes/auth.ts";
import { broadcastRoutes } from "./routes/broadcast.ts";
import { chatRoutes } from "./routes/chats.ts";
import { clientRoutes } from "./routes/clients.ts";
import { companySettingsRoutes } from "./routes/company-settings.ts";
import { consumerRoutes } from "./routes/consumers.ts";
import { deadLetterRoutes, operatorDeadLetterRoutes } from "./routes/dead-letters.ts";
import { groupRoutes } from "./routes/groups.ts";
import { mediaRoutes } from "./routes/media.ts";
import { messageRoutes } from "./routes/messages.ts";
import { openChatRoutes } from "./routes/open-chat.ts";
import { operationRoutes } from "./routes/operations.ts";
import { auditRoutes } from "./routes/people/audit.ts";
import { invitationRoutes } from "./routes/people/invitations.ts";
import { meRoutes } from "./routes/people/me.ts";
import { ownAccountRoutes } from "./routes/people/own-account.ts";
import { pushRoutes } from "./routes/people/push.ts";
import { userRoutes } from "./routes/people/users.ts";
import { companyRoutes, ownCompanyRoutes, platformHealthRoutes } from "./routes/platform/companies.ts";
import { operatorRoutes } from "./routes/platform/operator.ts";
import { operatorAccountRoutes } from "./routes/platform/operators.ts";
import { realtimeRoutes } from "./routes/realtime.ts";
import { sessionCodeRoutes } from "./routes/session-codes.ts";
import { sessionPacingRoutes } from "./routes/session-pacing.ts";
import { sessionProxyRoutes } from "./routes/session-proxy.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { statisticsRoutes } from "./routes/statistics.ts";
import { teamReachRoutes, teamRoutes } from "./routes/teams.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import { webhookDeliveryRoutes, webhookRoutes } from "./routes/webhooks.ts";
import { CodeThrottle } from "./second-factor/code-throttle.ts";
import { operatorFactorRoutes } from "./second-factor/operator-routes.ts";
import { SecondFactors } from "./second-factor/second-factors.ts";
import { loginFactorRoutes, ownFactorRoutes } from "./second-factor/user-routes.ts";
import { createSendMessage } from "./sending/send-message.ts";

/** Resources of the API, opened by `main`. */
export interface AppDependencies {
  database: Database;
  redis: RedisClient;
  publisher: Publisher;
  /** The queue of inbound jobs. */
  queue: Queue;
  media: MediaStore;
  /** Started by the caller. */
  watcher: LogWatcher;
  drawing: DrawingPool;
  tokens: Tokens;
  passwords: Passwords;
  links: AccountLinks;
  /** Stopped by the caller. */
  resets: PasswordResets;
  accountSecrets: SealedSecrets;
  /** Seals the credentials of proxies. Absent: the installation has no key for them, so sessions can have no proxy. */
  proxySecrets?: SealedSecrets;
  health: Health;
  metrics: Metrics;
  log: Logger;
  settings: {
    allowedOrigins: readonly string[];
    trustedProxies: string[];
    defaultEngine: EngineName;
    /** Operators without a second factor can only set one up. */
    operatorRule: OperatorFactorRule;
    /** Allows webhooks to private addresses and over plain HTTP. */
    allowPrivateWebhooks?: boolean;
    allowPrivateProxies?: boolean;
    /** VAPID key of push notices. Absent: none are sent. */
    pushPublicKey?: string | undefined;
    limits: Limits;
  };
}

/** Creates the complete API without listening on a port. */
export function createApp(dependencies: AppDependencies): Express {
  const { settings, tokens, redis, log } = dependencies;
  const logins = new LoginStates(dependencies.database.system.logins, redis);
  const { allowedOrigins, operatorRule } = settings;
  const guard = new Guard(tokens, dependencies.database.system, logins, { allowedOrigins, operatorRule });
  const app = express();
  app.set("trust proxy", settings.trustedProxies);
  app.set("query parser", "simple");
  app.set("etag", false);
  app.use(
    nameRequests,
    measureRequests(dependencies.metrics),
    helmet(securityHeaders),
    disableCaching,
    rejectLargeBodies,
  );
  app.use(
    mountEndpoints(handlersOf(dependencies, logins), {
      admit: guard.admit,
      callerOf: guard.callerOf,
      limits: createRateLimits(redis, settings.limits),
    }),
  );
  const { operatorLogins } = dependencies.database.system;
  app.use(queueDashboard({ queue: dependencies.queue, operatorLogins, operatorRule, tokens }));
  app.use(unknownRoute);
  app.use(problemHandler(log));
  return app;
}

function handlersOf(dependencies: AppDependencies, logins: LoginStates): Handlers {
  const { database, publisher, tokens, passwords, redis, links, log } = dependencies;
  const { limits } = dependencies.settings;
  const { logins: accounts, refreshTokens, openLogins } = database.system;
  const revoker = new Revoker({ database, publisher, log });
  const companies = new Companies({ database, revoker });
  const blocked = new BlockedSignIns({ repositories: database.system, redis, limits, log });
  const people = new People({ database, revoker, links });
  const thumbnails = new Thumbnails({ ...dependencies, store: dependencies.media });
  const challenges = new Challenges(tokens, "user");
  const signIn = new SignIn({ accounts, refreshTokens, openLogins, passwords, tokens, challenges, revoker, log });
  const throttle = new LoginThrottle({ kind: "user", redis, limits });
  const factors = new SecondFactors({
    secrets: dependencies.accountSecrets,
    throttle: new CodeThrottle({ kind: "user", redis, limits }),
  });
  return {
    ...authRoutes(signIn, throttle, blocked),
    ...loginFactorRoutes({ database, signIn, challenges, factors }),
    ...ownFactorRoutes({ database, factors, passwords: new PasswordConfirmation(passwords, throttle) }),
    ...meRoutes(database, tokens),
    ...companySettingsRoutes(database, revoker),
    ...teamRoutes(database),
    ...teamReachRoutes(database),
    ...ownAccountRoutes({ database, revoker, passwords }),
    ...pushRoutes({
      database,
      publicKey: dependencies.settings.pushPublicKey,
      allowPrivate: dependencies.settings.allowPrivateWebhooks ?? false,
    }),
    ...userRoutes({ database, people, thumbnails, store: dependencies.media }),
    ...invitationRoutes({ database, revoker, links, passwords, signIn, resets: dependencies.resets }),
    ...auditRoutes(database),
    ...apiKeyRoutes({ database, revoker, log }),
    ...sessionRoutes({ database, publisher, log, defaultEngine: dependencies.settings.defaultEngine }),
    ...sessionCodeRoutes(database, publisher),
    ...sessionPacingRoutes(database),
    ...sessionProxyRoutes({
      database,
      publisher,
      log,
      secrets: dependencies.proxySecrets,
      allowPrivate: dependencies.settings.allowPrivateProxies ?? false,
    }),
    ...clientRoutes(database),
    ...chatRoutes({ database, publisher, log }),
    ...messageRoutes(database, createSendMessage({ database, publisher, store: dependencies.media, log })),
    ...groupRoutes({ database, publisher, log }),
    ...openChatRoutes(database),
    ...mediaRoutes({ database, tokens, thumbnails, store: dependencies.media, logins }),
    ...uploadRoutes({ database, store: dependencies.media, log }),
    ...statisticsRoutes(dependencies),
    ...realtimeRoutes({ database, redis, publisher, tokens }),
    ...broadcastRoutes(database, publisher),
    ...operatorHandlers(dependencies),
    ...companyRoutes({ database, companies, inviteOwner: new InviteOwner({ database, people }), log }),
    ...ownCompanyRoutes({ companies, log }),
    ...platformHealthRoutes(dependencies),
    ...deadLetterRoutes(database),
    ...operatorDeadLetterRoutes(database),
    ...webhookRoutes({ database, allowPrivate: dependencies.settings.allowPrivateWebhooks ?? false, log }),
    ...webhookDeliveryRoutes(database),
    ...consumerRoutes(dependencies),
    ...operationRoutes(dependencies),
  };
}

/** Sign-in, accounts and second factors of operators. */
function operatorHandlers({ database, redis, tokens, passwords, accountSecrets, settings, log }: AppDependencies) {
  const { operators, operatorLogins, operatorSecondFactors } = database.system;
  const { limits, operatorRule: rule } = settings;
  const challenges = new Challenges(tokens, "operator");
  const signIn = new OperatorSignIn({ operators, logins: operatorLogins, passwords, tokens, challenges, rule, log });
  const throttle = new LoginThrottle({ kind: "operator", redis, limits });
  const accounts = new OperatorAccounts({ operators, passwords });
  const factors = new SecondFactors({
    secrets: accountSecrets,
    throttle: new CodeThrottle({ kind: "operator", redis, limits }),
  });
  return {
    ...operatorRoutes({ signIn, tokens, throttle }),
    ...operatorAccountRoutes({ operators, accounts, log }),
    ...operatorFactorRoutes({
      ...{ operators, accounts, signIn, challenges, factors, operatorSecondFactors, rule, log },
      passwords: new PasswordConfirmation(passwords, throttle),
    }),
  };
}

/** Strict policy: responses contain data, never pages. */
const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
};

/** Disables caching by default. Endpoints may override the header. */
const disableCaching: RequestHandler = (_req, res, next) => {
  res.set("Cache-Control", "no-store");
  next();
};

/** Takes the id of the caller or of a proxy, or creates one. The answer and all log lines of the request have it. */
const nameRequests: RequestHandler = (req, res, next) => {
  const requestId = RequestId.safeParse(req.get("x-request-id")).data ?? randomUUID();
  res.set("X-Request-Id", requestId);
  withLogContext({ requestId }, next);
};

function measureRequests(metrics: Metrics): RequestHandler {
  const seconds = metrics.histogram("http_request_seconds", "Duration of requests by operation and status", [
    "operation",
    "status",
  ]);
  return (_req, res, next) => {
    const stop = seconds.startTimer();
    res.on("close", () => stop({ operation: res.locals.operation ?? "none", status: res.statusCode }));
    next();
  };
}
