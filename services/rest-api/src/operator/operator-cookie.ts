import { operatorCookieName } from "@syszap/contracts";
import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { cookieOptions } from "../auth/cookie-options.ts";

const path = "/v1/operator/auth";

export const readOperatorCookie = (req: Request): string | undefined =>
  parseCookie(req.get("cookie") ?? "")[operatorCookieName] || undefined;

export function setOperatorCookie(req: Request, res: Response, login: { token: string; expiresAt: Date }): void {
  res.cookie(operatorCookieName, login.token, { ...cookieOptions(req, path), expires: login.expiresAt });
}

export function clearOperatorCookie(req: Request, res: Response): void {
  res.clearCookie(operatorCookieName, cookieOptions(req, path));
}
