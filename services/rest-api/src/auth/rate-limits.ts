import { type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import type { RedisClient } from "@syszap/platform";
import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { ProblemError } from "../problem.ts";
import { SharedRateStore } from "./shared-rate-store.ts";

const minuteMs = 60_000;
interface Limit {
  name: string;
  windowMs: number;
  max: number;
  /** Only refusals count: people who sign in never wait for others behind the same address. */
  isForFailures?: boolean;
  /** Others are neither counted nor refused. */
  isFor?: (req: Request, res: Response) => boolean;
  callerOf: (req: Request, res: Response) => string;
}
const addressOf = (req: Request) => ipKeyGenerator(req.ip ?? req.socket.remoteAddress ?? "");
const idOf = (_req: Request, { locals: { caller } }: Response): string =>
  caller.apiKeyId ?? caller.userId ?? caller.operatorId;
const limits = {
  loginsByAddress: {
    ...{ name: "login-address", windowMs: 15 * minuteMs, max: 50, isForFailures: true },
    callerOf: addressOf,
  },
  loginsByEmail: {
    ...{ name: "login-email", windowMs: 15 * minuteMs, max: 10, isForFailures: true },
    callerOf: (req) => emailOf(req.body) ?? addressOf(req),
  },
  refreshes: { name: "refresh", windowMs: minuteMs, max: 300, callerOf: addressOf },
  // Whoever tries numbers one after the other would learn which of them are connected here.
  phoneNumbers: {
    ...{ name: "phone-number", windowMs: 15 * minuteMs, max: 30, callerOf: (_req, res) => res.locals.caller.companyId },
    isFor: (req) => typeof req.body === "object" && req.body !== null && "phoneNumber" in req.body,
  },
  broadcasts: { name: "broadcast", windowMs: minuteMs, max: 30, callerOf: idOf },
  /** A page says it every 4 s, and once at each end. */
  typing: { name: "typing", windowMs: minuteMs, max: 120, callerOf: idOf },
  /** Files are large, and each is kept for a day. */
  uploads: { name: "upload", windowMs: minuteMs, max: 60, callerOf: idOf },
  /** Of programs: a loop gone wild must not slow the people beside it. */
  apiKeys: {
    ...{ name: "api-key", windowMs: minuteMs, max: 600, callerOf: idOf },
    isFor: (_req, res) => res.locals.caller.apiKeyId !== undefined,
  },
  /** Each is a request to somebody else's machine. */
  webhookTests: {
    ...{ name: "webhook-test", windowMs: minuteMs, max: 30 },
    callerOf: (_req, res) => res.locals.caller.companyId,
  },
  tickets: { name: "ticket", windowMs: minuteMs, max: 120, callerOf: idOf },
} satisfies Record<string, Limit>;

/** What a stranger, or a page gone wild, may ask for how often; more is answered with 429 and `Retry-After`. */
export function createRateLimits(redis: RedisClient): { [Name in RouteName]?: RequestHandler[] } {
  const limiter = (limit: Limit) => limiterOf(limit, new SharedRateStore(redis, limit.name));
  const own: { [Name in RouteName]?: RequestHandler[] } = {
    login: [limiter(limits.loginsByAddress), limiter(limits.loginsByEmail)],
    refresh: [limiter(limits.refreshes)],
    loginOperator: [limiter(limits.loginsByAddress), limiter(limits.loginsByEmail)],
    broadcast: [limiter(limits.broadcasts)],
    connectSession: [limiter(limits.phoneNumbers)],
    typeInChat: [limiter(limits.typing)],
    uploadMedia: [limiter(limits.uploads)],
    createRealtimeTicket: [limiter(limits.tickets)],
    testWebhook: [limiter(limits.webhookTests)],
  };
  const keyLimiter = limiter(limits.apiKeys);
  const open = Object.entries<RouteDefinition>(routes).filter(([, { scopes }]) => scopes !== undefined);
  const ofKeys = open.map(([name]) => [name, [keyLimiter, ...(own[name as RouteName] ?? [])]]);
  return { ...own, ...Object.fromEntries(ofKeys) };
}

function limiterOf(
  { windowMs, max, isForFailures = false, isFor, callerOf }: Limit,
  store: SharedRateStore,
): RequestHandler {
  return rateLimit({
    windowMs,
    limit: max,
    store,
    skipSuccessfulRequests: isForFailures,
    ...(isFor && { skip: (req: Request, res: Response) => !isFor(req, res) }),
    keyGenerator: callerOf,
    standardHeaders: false,
    legacyHeaders: false,
    // Behind a proxy that is not listed as trusted, all share its address: stricter, never laxer.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (req, _res, next) => {
      const endsAt = "rateLimit" in req ? (req.rateLimit as { resetTime?: Date }).resetTime?.getTime() : undefined;
      const seconds = Math.max(1, Math.ceil(((endsAt ?? Date.now() + windowMs) - Date.now()) / 1_000));
      next(
        new ProblemError("too_many", `Wait ${seconds} seconds and try again.`, {
          headers: { "Retry-After": String(seconds) },
        }),
      );
    },
  });
}

function emailOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("email" in body)) return undefined;
  return typeof body.email === "string" ? body.email.trim().toLowerCase() : undefined;
}
