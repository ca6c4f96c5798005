import type { Request } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import { ProblemError } from "../problem.ts";

/** The network address of the caller. IPv6 addresses of one /56 network count as one. */
export const addressOf = (req: Request): string => ipKeyGenerator(req.ip ?? req.socket.remoteAddress ?? "");

/** A 429 with the time to wait until `resetTime`. `subject` is a sentence about the limit. */
export function tooManyRequests(resetTime = new Date(), subject?: string): ProblemError {
  const seconds = Math.max(1, Math.ceil((resetTime.getTime() - Date.now()) / 1_000));
  const advice = `Wait ${seconds} seconds and try again.`;
  return new ProblemError("too_many", subject === undefined ? advice : `${subject} ${advice}`, {
    headers: { "Retry-After": String(seconds) },
  });
}
