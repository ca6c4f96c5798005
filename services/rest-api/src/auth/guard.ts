import { type AccessClaims, type Role, type RouteDefinition, sessionManagers } from "@syszap/contracts";
import type { OperatorRepository } from "@syszap/database";
import type { Request, RequestHandler, Response } from "express";
import { ProblemError } from "../problem.ts";
import { isForOperators, type Tokens } from "./tokens.ts";

/** Whoever the access token speaks for. The company comes from here and from nowhere else. */
export interface Caller {
  userId: string;
  companyId: string;
  loginId: string;
  role: Role;
  claims: AccessClaims;
}

/** Somebody who runs the platform; of no company. */
export interface OperatorCaller {
  operatorId: string;
}

/** What must be true before anything of a request is read. */
export class Guard {
  constructor(
    private readonly tokens: Tokens,
    private readonly operators: Pick<OperatorRepository, "find">,
    private readonly allowedOrigins: readonly string[],
  ) {}

  admit = (route: RouteDefinition): RequestHandler[] => {
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
  };

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
    if (!(await this.operators.find(claims.sub)))
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

const invalidToken = 'Bearer error="invalid_token"';

function bearerOf(req: Request): string {
  const token = /^Bearer ([\w.-]+)$/i.exec(req.get("authorization") ?? "")?.[1];
  if (token) return token;
  throw unauthenticated("Send an access token: `Authorization: Bearer <token>`. Sign in to get one.", "Bearer");
}

export const unauthenticated = (detail: string, challenge?: string) =>
  new ProblemError("unauthenticated", detail, challenge ? { headers: { "WWW-Authenticate": challenge } } : {});
