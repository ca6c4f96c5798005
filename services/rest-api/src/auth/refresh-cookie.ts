import { refreshCookieName } from "@syszap/contracts";
import type { IssuedToken } from "@syszap/database";
import { parseCookie } from "cookie";
import type { CookieOptions, Request, Response } from "express";

const path = "/v1/auth";

export const readRefreshCookie = (req: Request): string | undefined =>
  parseCookie(req.get("cookie") ?? "")[refreshCookieName] || undefined;

export function setRefreshCookie(req: Request, res: Response, { token, expiresAt }: IssuedToken): void {
  res.cookie(refreshCookieName, token, { ...options(req), expires: expiresAt });
}

export function clearRefreshCookie(req: Request, res: Response): void {
  res.clearCookie(refreshCookieName, options(req));
}

/** No script reads it, no other site sends it, and no other path gets it. */
function options(req: Request): CookieOptions {
  // The page's own origin tells of TLS also where a proxy ends it without saying so.
  const isSecure = req.secure || req.get("origin")?.startsWith("https:") === true;
  return { httpOnly: true, sameSite: "strict", path, secure: isSecure };
}
