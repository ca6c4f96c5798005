import type { IncomingMessage } from "node:http";
import { maxJsonBodyBytes, type RouteDefinition, routes } from "@syszap/contracts";
import { defaultLimitBytes as uploadLimitBytes } from "@syszap/media-store";
import type { RequestHandler } from "express";
import { bodyTooLarge, ProblemError } from "./problem.ts";

const uploads = new Set(
  Object.values<RouteDefinition>(routes)
    .filter(({ upload }) => upload)
    .map(({ method, path }) => `${method} ${path}`),
);

/** The largest body that the endpoint of the request accepts. Express ignores the case of a path and a slash at its end. */
export function bodyLimitOf({ method, url }: Pick<IncomingMessage, "method" | "url">): number {
  const path = (url ?? "").split("?", 1)[0]?.replace(/\/$/, "");
  return uploads.has(`${method} ${path}`.toLowerCase()) ? uploadLimitBytes : maxJsonBodyBytes;
}

/** Rejects a body whose `Content-Length` exceeds the limit, before anything is read or looked up. */
export const rejectLargeBodies: RequestHandler = (req, _res, next) => {
  const limitBytes = bodyLimitOf({ method: req.method, url: req.originalUrl });
  if (Number(req.get("content-length") ?? 0) > limitBytes)
    throw limitBytes === maxJsonBodyBytes ? bodyTooLarge() : fileTooLarge(limitBytes);
  next();
};

export const fileTooLarge = (limitBytes: number) =>
  new ProblemError("too_large", `The file is too large. The limit is ${limitBytes} bytes.`);
