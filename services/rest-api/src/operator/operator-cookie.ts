import { operatorCookieName } from "@syszap/contracts";
import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { cookieOptions } from "../auth/cookie-options.ts";

const path = "/v1/operator/auth";

export const readOperatorCookie = (req: Request): string | undefined =>
  parseCookie(req.get("cookie") ?? "")[operatorCookieName] || undefined;

/** Sets the cookie, if the sign-in is complete, and returns the body of the response. */
export function sendOperatorTokens<
  Outcome extends { answer: unknown; login?: { token: string; expiresAt: Date } | undefined },
>({ req, res }: { req: Request; res: Response }, { answer, login }: Outcome): Outcome["answer"] {
  if (login) res.cookie(operatorCookieName, login.token, { ...cookieOptions(req, path), expires: login.expiresAt });
  return answer;
}

export function clearOperatorCookie(req: Request, res: Response): void {
  res.clearCookie(operatorCookieName, cookieOptions(req, path));
}
