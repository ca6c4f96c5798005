import {
  type AccessClaims,
  type ApiKeyScope,
  type Role,
  type RouteDefinition,
  sessionManagers,
} from "@syszap/contracts";
import type { ApiKeyHolder, SystemRepositories } from "@syszap/database";
import { type Request, type RequestHandler, type Response, Router } from "express";
import { ProblemError } from "../problem.ts";
import { hashApiKey, isApiKey } from "./api-key-secret.ts";
import { accessTokenLifeMs, isForOperators, type Tokens } from "./tokens.ts";

/** Whoever the access token speaks for. The company comes from here and from nowhere else. */
export interface Caller {
  userId: string;
  companyId: string;
  loginId: string;
  role: Role;
  claims: AccessClaims;
  /** It is a program, in the name of whoever made its key. */
  apiKeyId?: string;
}

/** Somebody who runs the platform; of no company. */
export interface OperatorCaller {
  operatorId: string;
}

/** What must be true before anything of a request is read. */
export class Guard {
  constructor(
    private readonly tokens: Tokens,
    private readonly people: Pick<SystemRepositories, "operators" | "apiKeys">,
    private readonly allowedOrigins: readonly string[],
  ) {}

  admit = (route: RouteDefinition): RequestHandler[] => {
    const forPeople = this.admitPeople(route);
    if (route.caller === "anyone" || route.caller === "refresh_cookie") return forPeople;
    return [this.admitKeyOr(route.scopes ?? [], forPeople)];
  };

  private admitPeople(route: RouteDefinition): RequestHandler[] {
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
        return [this.checkOrigin];
      case "anyone":
        return route.method === "get" ? [] : [this.checkOrigin];
    }
  }

  /** A key never falls through to what is asked of people: it is refused wherever the endpoint names none of its scopes. */
  private admitKeyOr(scopes: readonly ApiKeyScope[], forPeople: RequestHandler[]): RequestHandler {
    const people = Router().use(...forPeople);
    return async (req, res, next) => {
      const token = bearerOf(req);
      if (!isApiKey(token)) return people(req, res, next);
      const holder = await this.people.apiKeys.use(hashApiKey(token));
      if (!holder) throw unauthenticated("The API key is not valid, has expired or was revoked.", invalidToken);
      if (!scopes.some((scope) => holder.scopes.includes(scope)))
        throw new ProblemError("forbidden", refusalOf(scopes));
      res.locals.caller = toCaller(holder);
      next();
    };
  }

  callerOf = (res: Response): Caller | OperatorCaller => {
    const caller: Caller | OperatorCaller | undefined = res.locals.caller;
    if (!caller) throw new Error("no caller was identified before the handler");
    return caller;
  };

  private identify: RequestHandler = async (req, res, next) => {
    const claims = await this.tokens.verifyAccess(bearerOf(req)).catch(() => {
      throw unauthenticated(
        "The access token is not valid, or it has expired. Refresh it, or sign in again.",
        invalidToken,
      );
    });
    const { sub: userId, cid: companyId, lid: loginId, role } = claims;
    res.locals.caller = { userId, companyId, loginId, role, claims } satisfies Caller;
    next();
  };

  /** Operators are few and mighty: each request asks whether this one still is one. */
  private identifyOperator: RequestHandler = async (req, res, next) => {
    const claims = await this.tokens.verifyOperator(bearerOf(req)).catch(() => {
      throw unauthenticated("The operator's token is not valid, or it has expired. Sign in again.", invalidToken);
    });
    if (!(await this.people.operators.find(claims.sub)))
      throw unauthenticated("This operator's access was ended. Ask another operator.", invalidToken);
    res.locals.caller = { operatorId: claims.sub } satisfies OperatorCaller;
    next();
  };

  private identifyEither: RequestHandler = async (req, res, next) => {
    if (isForOperators(bearerOf(req))) return this.identifyOperator(req, res, next);
    return this.identify(req, res, (err) => (err ? next(err) : this.requireManager(req, res, next)));
  };

  private requireManager: RequestHandler = (_req, res, next) => {
    const caller = this.callerOf(res);
    if (!("role" in caller && sessionManagers.includes(caller.role)))
      throw new ProblemError("forbidden", `Only ${sessionManagers.join(" and ")} may do this. Ask one of them.`);
    next();
  };

  /** A browser sends the cookie by itself, so it must also come from one of our pages. Others send no Origin. */
  private checkOrigin: RequestHandler = (req, _res, next) => {
    const origin = req.get("origin");
    if (origin !== undefined && !this.allowedOrigins.includes(origin))
      throw new ProblemError(
        "foreign_origin",
        "Open the page at its usual address. Operators list the addresses in ALLOWED_ORIGINS.",
      );
    next();
  };
}

/** The least of roles: what its scopes open beyond that, the guard has decided. The key's id stands for the login, so that it can be ended. */
function toCaller({ id, companyId, userId, expiresAt }: ApiKeyHolder): Caller {
  const endsAtMs = Math.min(Date.now() + accessTokenLifeMs, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const claims = { sub: userId, cid: companyId, lid: id, role: "agent", exp: Math.floor(endsAtMs / 1_000) } as const;
  return { userId, companyId, loginId: id, role: "agent", claims, apiKeyId: id };
}

const refusalOf = (scopes: readonly ApiKeyScope[]) =>
  scopes.length === 0
    ? "No API key may do this. Sign in as a person."
    : `The API key lacks the scope: ${scopes.join(" or ")}.`;

const invalidToken = 'Bearer error="invalid_token"';

function bearerOf(req: Request): string {
  const token = /^Bearer ([\w.-]+)$/i.exec(req.get("authorization") ?? "")?.[1];
  if (token) return token;
  throw unauthenticated("Send an access token: `Authorization: Bearer <token>`. Sign in to get one.", "Bearer");
}

export const unauthenticated = (detail: string, challenge?: string) =>
  new ProblemError("unauthenticated", detail, challenge ? { headers: { "WWW-Authenticate": challenge } } : {});
