import type { IssuedToken } from "@syszap/database";
import type { Request, Response } from "express";
import { setRefreshCookie } from "./refresh-cookie.ts";

/** Sets the refresh cookie, if the sign-in is complete, and returns the body of the response. */
export function sendTokens<Outcome extends { answer: unknown; refreshToken?: IssuedToken | undefined }>(
  { req, res }: { req: Request; res: Response },
  { answer, refreshToken }: Outcome,
): Outcome["answer"] {
  if (refreshToken) setRefreshCookie(req, res, refreshToken);
  return answer;
}
