import type { CookieOptions, Request } from "express";

/** Options of our cookies: hidden from scripts, never sent by other sites, and sent to one path only. */
export function cookieOptions(req: Request, path: string): CookieOptions {
  // The page's origin reveals TLS even when the proxy in front does not report it.
  const isSecure = req.secure || req.get("origin")?.startsWith("https:") === true;
  return { httpOnly: true, sameSite: "strict", path, secure: isSecure };
}
