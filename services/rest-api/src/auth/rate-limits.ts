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
  /** Counts only failed requests, so that successful sign-ins behind a shared address do not use up the limit. */
  countsFailuresOnly?: boolean;
  /** Selects the requests that are counted and limited. The default selects all. */
  appliesTo?: (req: Request, res: Response) => boolean;
  callerOf: (req: Request, res: Response) => string;
}
const addressOf = (req: Request) => ipKeyGenerator(req.ip ?? req.socket.remoteAddress ?? "");
const idOf = (_req: Request, { locals: { caller } }: Response): string =>
  caller.apiKeyId ?? caller.userId ?? caller.operatorId;
const limits = {
  loginsByAddress: {
    name: "login-address",
    windowMs: 15 * minuteMs,
    max: 50,
    countsFailuresOnly: true,
    callerOf: addressOf,
  },
  loginsByEmail: {
    name: "login-email",
    windowMs: 15 * minuteMs,
    max: 10,
    countsFailuresOnly: true,
    callerOf: (req) => emailOf(req.body) ?? addressOf(req),
  },
  refreshes: { name: "refresh", windowMs: minuteMs, max: 300, callerOf: addressOf },
  // Prevents probing which phone numbers are connected on this platform.
  phoneNumbers: {
    name: "phone-number",
    windowMs: 15 * minuteMs,
    max: 30,
    callerOf: (_req, res) => res.locals.caller.companyId,
    appliesTo: (req) => typeof req.body === "object" && req.body !== null && "phoneNumber" in req.body,
  },
  broadcasts: { name: "broadcast", windowMs: minuteMs, max: 30, callerOf: idOf },
  /** A page reports typing every 4 s, and once when it starts and stops. */
  typing: { name: "typing", windowMs: minuteMs, max: 120, callerOf: idOf },
  /** Uploaded files are large and stored for a day. */
  uploads: { name: "upload", windowMs: minuteMs, max: 60, callerOf: idOf },
  /** Limits programs, so that a faulty loop does not slow down users. */
  apiKeys: {
    name: "api-key",
    windowMs: minuteMs,
    max: 600,
    callerOf: idOf,
    appliesTo: (_req, res) => res.locals.caller.apiKeyId !== undefined,
  },
  /** Each test is a request to an external server. */
  webhookTests: {
    name: "webhook-test",
    windowMs: minuteMs,
    max: 30,
    callerOf: (_req, res) => res.locals.caller.companyId,
  },
  tickets: { name: "ticket", windowMs: minuteMs, max: 120, callerOf: idOf },
} satisfies Record<string, Limit>;

/** Creates the rate limiters per endpoint. Requests above a limit are answered with 429 and `Retry-After`. */
export function createRateLimits(redis: RedisClient): { [Name in RouteName]?: RequestHandler[] } {
  const createLimiter = (limit: Limit) => rateLimiterFor(limit, new SharedRateStore(redis, limit.name));
  const limitsByRoute: { [Name in RouteName]?: RequestHandler[] } = {
    login: [createLimiter(limits.loginsByAddress), createLimiter(limits.loginsByEmail)],
    refresh: [createLimiter(limits.refreshes)],
    loginOperator: [createLimiter(limits.loginsByAddress), createLimiter(limits.loginsByEmail)],
    broadcast: [createLimiter(limits.broadcasts)],
    connectSession: [createLimiter(limits.phoneNumbers)],
    typeInChat: [createLimiter(limits.typing)],
    uploadMedia: [createLimiter(limits.uploads)],
    createRealtimeTicket: [createLimiter(limits.tickets)],
    testWebhook: [createLimiter(limits.webhookTests)],
  };
  const keyLimiter = createLimiter(limits.apiKeys);
  const routesForKeys = Object.entries<RouteDefinition>(routes).filter(([, { scopes }]) => scopes !== undefined);
  const withKeyLimit = routesForKeys.map(([name]) => [name, [keyLimiter, ...(limitsByRoute[name as RouteName] ?? [])]]);
  return { ...limitsByRoute, ...Object.fromEntries(withKeyLimit) };
}

function rateLimiterFor(
  { windowMs, max, countsFailuresOnly = false, appliesTo, callerOf }: Limit,
  store: SharedRateStore,
): RequestHandler {
  return rateLimit({
    windowMs,
    limit: max,
    store,
    skipSuccessfulRequests: countsFailuresOnly,
    ...(appliesTo && { skip: (req: Request, res: Response) => !appliesTo(req, res) }),
    keyGenerator: callerOf,
    standardHeaders: false,
    legacyHeaders: false,
    // Behind an untrusted proxy all clients share its address, which is stricter. The library would warn about it.
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
