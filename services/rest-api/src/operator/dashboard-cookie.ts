import { parseCookie } from "cookie";
import type { Request, Response } from "express";
import { cookieOptions } from "../auth/cookie-options.ts";

export const dashboardPath = "/v1/operator/queues";
const cookieName = "syszap_queues";

export const readDashboardCookie = (req: Request): string => parseCookie(req.get("cookie") ?? "")[cookieName] ?? "";

export function setDashboardCookie(req: Request, res: Response, ticket: { token: string; expiresAt: Date }): void {
  res.cookie(cookieName, ticket.token, { ...cookieOptions(req, dashboardPath), expires: ticket.expiresAt });
}
