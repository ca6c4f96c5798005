import { refreshCookieName } from "@syszap/contracts";
import type { IssuedToken } from "@syszap/database";
import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { cookieOptions } from "./cookie-options.ts";

const path = "/v1/auth";

export const readRefreshCookie = (req: Request): string | undefined =>
  parseCookie(req.get("cookie") ?? "")[refreshCookieName] || undefined;

export function setRefreshCookie(req: Request, res: Response, { token, expiresAt }: IssuedToken): void {
  res.cookie(refreshCookieName, token, { ...cookieOptions(req, path), expires: expiresAt });
}

export function clearRefreshCookie(req: Request, res: Response): void {
  res.clearCookie(refreshCookieName, cookieOptions(req, path));
}
