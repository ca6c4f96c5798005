import {
  type AccessClaims,
  type ApiKeyScope,
  accessTokenLifeMs,
  type Role,
  type RouteDefinition,
  sessionManagers,
} from "@syszap/contracts";
import type { ApiKeyHolder, OperatorFactorRule, SystemRepositories } from "@syszap/database";
import { BusUnavailableError } from "@syszap/event-bus";
import { type Request, type RequestHandler, type Response, Router } from "express";
import { ProblemError } from "../problem.ts";
import { hashApiKey, isApiKey } from "./api-key-secret.ts";
import type { LoginStates } from "./login-states.ts";
import { isForOperators, type Tokens } from "./tokens.ts";

/** The user of a request, with the present role. `companyId` is the only source of the company for all queries. */
export interface Caller {
  userId: string;
  companyId: string;
  loginId: string;
  role: Role;
  claims: AccessClaims;
  /** Set when a program calls with an API key. It acts for the user who created the key. */
  apiKeyId?: string;
}

/** An operator of the platform. Belongs to no company. */
export interface OperatorCaller {
  operatorId: string;
  loginId: string;
}

/** Authenticates and authorises requests before their body is read. */
export class Guard {
  constructor(
    private readonly tokens: Tokens,
    private readonly repositories: Pick<SystemRepositories, "operatorLogins" | "apiKeys">,
    private readonly logins: LoginStates,
    private readonly settings: { allowedOrigins: readonly string[]; operatorRule: OperatorFactorRule },
  ) {}

  admit = (route: RouteDefinition): RequestHandler[] => {
    const userHandlers = this.handlersForUsers(route);
    if (!requiresToken(route.caller)) return userHandlers;
    return [this.admitKeyOrUser(route, userHandlers)];
  };

  private handlersForUsers(route: RouteDefinition): RequestHandler[] {
    switch (route.caller) {
      case "member":
        return [this.identify];
      case "manager":
        return [this.identify, this.requireManager];
      case "operator":
        return [this.identifyOperator];
      case "manager_or_operator":
        return [this.identifyEither];
      case "refresh_cookie":
      case "operator_cookie":
        return [this.checkOrigin];
      case "anyone":
        return route.method === "get" ? [] : [this.checkOrigin];
    }
  }

  /**
   * Accepts an API key when it has one of the endpoint's scopes and its creator may call the endpoint now. Rejects other keys.
   * Other tokens go to the user handlers.
   */
  private admitKeyOrUser({ caller, scopes = [] }: RouteDefinition, userHandlers: RequestHandler[]): RequestHandler {
    const admitUser = Router().use(...userHandlers);
    return async (req, res, next) => {
      const token = bearerOf(req);
      if (!isApiKey(token)) return admitUser(req, res, next);
      const holder = await this.repositories.apiKeys.use(hashApiKey(token));
      if (!holder) throw unauthenticated("The API key is invalid, has expired or was revoked.", invalidToken);
      if (holder.isCompanySuspended) throw companySuspended();
      if (!scopes.some((scope) => holder.scopes.includes(scope)))
        throw new ProblemError("forbidden", missingScopeDetail(scopes));
      if (caller !== "member" && !sessionManagers.includes(holder.userRole))
        throw new ProblemError(
          "forbidden",
          `The user who created this API key no longer has the role ${sessionManagers.join(" or ")}. Create a new key.`,
        );
      res.locals.caller = toCaller(holder);
      next();
    };
  }

  callerOf = (res: Response): Caller | OperatorCaller => {
    const caller: Caller | OperatorCaller | undefined = res.locals.caller;
    if (!caller) throw new Error("the request was not authenticated before the handler");
    return caller;
  };

  private identify: RequestHandler = async (req, res, next) => {
    const claims = await this.tokens.verifyAccess(bearerOf(req)).catch(() => {
      throw unauthenticated("The access token is invalid or has expired. Refresh it or sign in again.", invalidToken);
    });
    const { isActive, role, isRevocationKnown } = await this.logins.find(claims);
    if (!isActive) throw unauthenticated(loginEndedDetail, invalidToken);
    const { sub: userId, cid: companyId, lid: loginId } = claims;
    res.locals.caller = { userId, companyId, loginId, role, claims: { ...claims, role } } satisfies Caller;
    res.locals.isRevocationKnown = isRevocationKnown;
    next();
  };

  /** Checks on every request that the login is active, because operators have wide permissions. */
  private identifyOperator: RequestHandler = async (req, res, next) => {
    const claims = await this.tokens.verifyOperator(bearerOf(req)).catch(() => {
      throw unauthenticated("The operator token is invalid or has expired. Sign in again.", invalidToken);
    });
    const caller: OperatorCaller = { operatorId: claims.sub, loginId: claims.lid };
    if (!(await this.repositories.operatorLogins.isActive(caller, this.settings.operatorRule)))
      throw unauthenticated("This login has ended, or the operator was disabled. Sign in again.", invalidToken);
    res.locals.caller = caller;
    next();
  };

  private identifyEither: RequestHandler = async (req, res, next) => {
    if (isForOperators(bearerOf(req))) return this.identifyOperator(req, res, next);
    return this.identify(req, res, (err) => (err ? next(err) : this.requireManager(req, res, next)));
  };

  /** Fails closed: rejects users while Redis cannot report revoked logins. */
  private requireManager: RequestHandler = (_req, res, next) => {
    const caller = this.callerOf(res);
    if (!("role" in caller && sessionManagers.includes(caller.role)))
      throw new ProblemError(
        "forbidden",
        `This requires the role ${sessionManagers.join(" or ")}. Ask a colleague with that role.`,
      );
    if (!res.locals.isRevocationKnown)
      throw new BusUnavailableError("Redis did not report whether the login was revoked");
    next();
  };

  /** Prevents cross-site requests: browsers send cookies automatically, and an `Origin`. Other programs send no `Origin`. */
  private checkOrigin: RequestHandler = (req, _res, next) => {
    const origin = req.get("origin");
    if (origin !== undefined && !this.settings.allowedOrigins.includes(origin))
      throw new ProblemError(
        "foreign_origin",
        "Open the page at its usual address. Operators configure the allowed addresses in ALLOWED_ORIGINS.",
      );
    next();
  };
}

/**
 * A key acts with the lowest role; its scopes are checked before. The key id replaces the login id, so that revoking it closes
 * its sockets.
 */
function toCaller({ id, companyId, userId, expiresAt }: ApiKeyHolder): Caller {
  const endsAtMs = Math.min(Date.now() + accessTokenLifeMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const claims = { sub: userId, cid: companyId, lid: id, role: "agent", exp: Math.floor(endsAtMs / 1_000) } as const;
  return { userId, companyId, loginId: id, role: "agent", claims, apiKeyId: id };
}

const missingScopeDetail = (scopes: readonly ApiKeyScope[]) =>
  scopes.length === 0
    ? "API keys cannot do this. Sign in as a user."
    : `The API key needs the scope ${scopes.join(" or ")}.`;

/** Callers without a token are known by their cookie, or not at all. */
export const requiresToken = (caller: RouteDefinition["caller"]): boolean =>
  caller !== "anyone" && caller !== "refresh_cookie" && caller !== "operator_cookie";

export const companySuspended = () =>
  new ProblemError("company_suspended", "Your company is suspended. Ask the operator of this platform.");

export const loginEndedDetail = "This login has ended. Sign in again.";
const invalidToken = 'Bearer error="invalid_token"';

function bearerOf(req: Request): string {
  const token = /^Bearer ([\w.-]+)$/i.exec(req.get("authorization") ?? "")?.[1];
  if (token) return token;
  throw unauthenticated(
    "Send an access token in the header `Authorization: Bearer <token>`. Sign in to get one.",
    "Bearer",
  );
}

export const unauthenticated = (detail: string, challenge?: string) =>
  new ProblemError("unauthenticated", detail, challenge ? { headers: { "WWW-Authenticate": challenge } } : {});
