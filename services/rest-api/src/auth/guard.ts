import { type AccessClaims, type Role, type RouteDefinition, sessionManagers } from "@syszap/contracts";
import type { RequestHandler, Response } from "express";
import { ProblemError } from "../problem.ts";
import type { Tokens } from "./tokens.ts";

/** Whoever the access token speaks for. The company comes from here and from nowhere else. */
export interface Caller {
  userId: string;
  companyId: string;
  loginId: string;
  role: Role;
  claims: AccessClaims;
}

/** What must be true before anything of a request is read. */
export class Guard {
  constructor(
    private readonly tokens: Tokens,
    private readonly allowedOrigins: readonly string[],
  ) {}

  admit = (route: RouteDefinition): RequestHandler[] => {
    switch (route.caller) {
      case "member":
        return [this.identify];
      case "manager":
        return [this.identify, this.requireManager];
      case "refresh_cookie":
        return [this.checkOrigin];
      case "anyone":
        return route.method === "get" ? [] : [this.checkOrigin];
    }
  };

  callerOf = (res: Response): Caller => {
    const caller: Caller | undefined = res.locals.caller;
    if (!caller) throw new Error("no caller was identified before the handler");
    return caller;
  };

  private identify: RequestHandler = async (req, res, next) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(req.get("authorization") ?? "")?.[1];
    if (!token)
      throw unauthenticated("Send an access token: `Authorization: Bearer <token>`. Sign in to get one.", "Bearer");
    const claims = await this.tokens.verifyAccess(token).catch(() => {
      throw unauthenticated(
        "The access token is not valid, or it has expired. Refresh it, or sign in again.",
        'Bearer error="invalid_token"',
      );
    });
    const { sub: userId, cid: companyId, lid: loginId, role } = claims;
    res.locals.caller = { userId, companyId, loginId, role, claims } satisfies Caller;
    next();
  };

  private requireManager: RequestHandler = (_req, res, next) => {
    if (!sessionManagers.includes(this.callerOf(res).role))
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

export const unauthenticated = (detail: string, challenge?: string) =>
  new ProblemError("unauthenticated", detail, challenge ? { headers: { "WWW-Authenticate": challenge } } : {});
