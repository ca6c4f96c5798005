import type { Request } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import { ProblemError } from "../problem.ts";

/** The network address of the caller. IPv6 addresses of one /56 network count as one. */
export const addressOf = (req: Request): string => ipKeyGenerator(req.ip ?? req.socket.remoteAddress ?? "");

/** A 429 with the time to wait until `resetTime`. */
export function tooManyRequests(resetTime = new Date()): ProblemError {
  const seconds = Math.max(1, Math.ceil((resetTime.getTime() - Date.now()) / 1_000));
  return new ProblemError("too_many", `Wait ${seconds} seconds and try again.`, {
    headers: { "Retry-After": String(seconds) },
  });
}
