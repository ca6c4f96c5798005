import { type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import type { RedisClient } from "@syszap/platform";
import type { Request, RequestHandler, Response } from "express";
import { rateLimit } from "express-rate-limit";
import type { Limits } from "../limit-environment.ts";
import { SharedRateStore } from "./shared-rate-store.ts";
import { addressOf, tooManyRequests } from "./too-many-requests.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
interface Limit {
  name: string;
  windowMs: number;
  max: number;
  /** Counts only failed requests, so that successful requests behind a shared address do not use up the limit. */
  countsFailuresOnly?: boolean;
  /** Selects the requests that are counted and limited. The default selects all. */
  appliesTo?: (req: Request, res: Response) => boolean;
  callerOf: (req: Request, res: Response) => string;
  /** What was counted, for the message. */
  subject?: string;
}
const idOf = (_req: Request, { locals: { caller } }: Response): string =>
  caller.apiKeyId ?? caller.userId ?? caller.operatorId;
/** The body is not validated yet. */
const emailOf = ({ body }: Request): string => (typeof body?.email === "string" ? body.email.toLowerCase() : "");
const companyOf = (_req: Request, res: Response): string => res.locals.caller.companyId;

function limitsOf(limits: Limits) {
  return {
    refreshes: {
      name: "refresh",
      windowMs: minuteMs,
      max: limits.LIMIT_REFRESH_FAILURES_PER_MINUTE,
      countsFailuresOnly: true,
      callerOf: addressOf,
    },
    // Prevents probing which phone numbers are connected on this platform.
    phoneNumbers: {
      name: "phone-number",
      windowMs: 15 * minuteMs,
      max: limits.LIMIT_PHONE_NUMBERS_PER_15_MINUTES,
      callerOf: companyOf,
      appliesTo: (req) => typeof req.body === "object" && req.body !== null && "phoneNumber" in req.body,
    },
    broadcasts: {
      name: "broadcast",
      windowMs: minuteMs,
      max: limits.LIMIT_BROADCASTS_PER_MINUTE,
      callerOf: idOf,
    },
    /** A page reports typing every 4 s, and once when it starts and stops. */
    typing: { name: "typing", windowMs: minuteMs, max: limits.LIMIT_TYPING_PER_MINUTE, callerOf: idOf },
    /** Uploaded files are large and stored for a day. */
    uploads: { name: "upload", windowMs: minuteMs, max: limits.LIMIT_UPLOADS_PER_MINUTE, callerOf: idOf },
    /** Limits programs, so that a faulty loop does not slow down users. */
    apiKeys: {
      name: "api-key",
      windowMs: minuteMs,
      max: limits.LIMIT_PROGRAM_REQUESTS_PER_MINUTE,
      callerOf: idOf,
      appliesTo: (_req, res) => res.locals.caller.apiKeyId !== undefined,
    },
    /** Each test is a request to an external server. */
    webhookTests: {
      name: "webhook-test",
      windowMs: minuteMs,
      max: limits.LIMIT_WEBHOOK_TESTS_PER_MINUTE,
      callerOf: companyOf,
    },
    /** Each test is a connection to an external server. */
    proxyTests: {
      name: "proxy-test",
      windowMs: minuteMs,
      max: limits.LIMIT_PROXY_TESTS_PER_MINUTE,
      callerOf: companyOf,
    },
    ...accountLimits(limits),
    tickets: { name: "ticket", windowMs: minuteMs, max: limits.LIMIT_TICKETS_PER_MINUTE, callerOf: idOf },
  } satisfies Record<string, Limit>;
}

function accountLimits(limits: Limits) {
  return {
    invitations: {
      name: "invitation",
      windowMs: hourMs,
      max: limits.LIMIT_INVITATIONS_PER_HOUR,
      callerOf: companyOf,
      subject: `Your company can send ${limits.LIMIT_INVITATIONS_PER_HOUR} invitations and links per hour.`,
    },
    resets: { name: "password-reset", windowMs: hourMs, max: limits.LIMIT_PASSWORD_RESETS_PER_HOUR, callerOf: emailOf },
    resetsOfAddress: {
      name: "password-reset-address",
      windowMs: hourMs,
      max: limits.LIMIT_PASSWORD_RESETS_ADDRESS_PER_HOUR,
      callerOf: addressOf,
    },
    links: {
      name: "account-link",
      windowMs: 15 * minuteMs,
      max: limits.LIMIT_LINK_FAILURES_PER_15_MINUTES,
      countsFailuresOnly: true,
      callerOf: addressOf,
    },
    passwordChanges: {
      name: "password-change",
      windowMs: 15 * minuteMs,
      max: limits.LIMIT_PASSWORD_CHANGE_FAILURES_PER_15_MINUTES,
      countsFailuresOnly: true,
      callerOf: idOf,
    },
    auditExports: {
      name: "audit-export",
      windowMs: hourMs,
      max: limits.LIMIT_AUDIT_EXPORTS_PER_HOUR,
      callerOf: companyOf,
    },
  } satisfies Record<string, Limit>;
}

/**
 * Creates the rate limiters per endpoint. Requests above a limit are answered with 429 and `Retry-After`. Sign-ins are limited by
 * `LoginThrottle`.
 */
export function createRateLimits(redis: RedisClient, settings: Limits): { [Name in RouteName]?: RequestHandler[] } {
  const limits = limitsOf(settings);
  const createLimiter = (limit: Limit) => rateLimiterFor(limit, new SharedRateStore(redis, limit.name));
  const invitations = [createLimiter(limits.invitations)];
  const links = [createLimiter(limits.links)];
  const limitsByRoute: { [Name in RouteName]?: RequestHandler[] } = {
    refresh: [createLimiter(limits.refreshes)],
    refreshOperator: [createLimiter(limits.refreshes)],
    broadcast: [createLimiter(limits.broadcasts)],
    connectSession: [createLimiter(limits.phoneNumbers)],
    typeInChat: [createLimiter(limits.typing)],
    uploadMedia: [createLimiter(limits.uploads)],
    createRealtimeTicket: [createLimiter(limits.tickets)],
    testWebhook: [createLimiter(limits.webhookTests)],
    testSessionProxy: [createLimiter(limits.proxyTests)],
    inviteUser: invitations,
    resendInvitation: invitations,
    resetUserPassword: invitations,
    requestPasswordReset: [createLimiter(limits.resetsOfAddress), createLimiter(limits.resets)],
    readInvitation: links,
    acceptInvitation: links,
    confirmPasswordReset: links,
    changePassword: [createLimiter(limits.passwordChanges)],
    exportAuditLog: [createLimiter(limits.auditExports)],
  };
  const keyLimiter = createLimiter(limits.apiKeys);
  const routesForKeys = Object.entries<RouteDefinition>(routes).filter(([, { scopes }]) => scopes !== undefined);
  const withKeyLimit = routesForKeys.map(([name]) => [name, [keyLimiter, ...(limitsByRoute[name as RouteName] ?? [])]]);
  return { ...limitsByRoute, ...Object.fromEntries(withKeyLimit) };
}

function rateLimiterFor(
  { windowMs, max, countsFailuresOnly = false, appliesTo, callerOf, subject }: Limit,
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
    // Reading the stack to find out where a limiter is created costs more than creating it.
    validate: { xForwardedForHeader: false, forwardedHeader: false, creationStack: false },
    handler: (req, _res, next) => {
      const endsAt = "rateLimit" in req ? (req.rateLimit as { resetTime?: Date }).resetTime : undefined;
      next(tooManyRequests(endsAt ?? new Date(Date.now() + windowMs), subject));
    },
  });
}
