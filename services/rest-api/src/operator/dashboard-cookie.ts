import { parseCookie } from "cookie";
import type { Request, Response } from "express";

export const dashboardPath = "/v1/operator/queues";
const cookieName = "syszap_queues";

export const readDashboardCookie = (req: Request): string => parseCookie(req.get("cookie") ?? "")[cookieName] ?? "";

/** No script reads it, no other site sends it, and no other path gets it. */
export function setDashboardCookie(req: Request, res: Response, ticket: { token: string; expiresAt: Date }): void {
  // The page's own origin tells of TLS also where a proxy ends it without saying so.
  const isSecure = req.secure || req.get("origin")?.startsWith("https:") === true;
  res.cookie(cookieName, ticket.token, {
    ...{ httpOnly: true, sameSite: "strict", path: dashboardPath, secure: isSecure },
    expires: ticket.expiresAt,
  });
}
