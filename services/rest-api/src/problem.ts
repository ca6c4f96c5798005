import { type Problem, type ProblemName, problemTypes } from "@syszap/contracts";
import { IdempotencyConflictError, InvalidPageKeyError, isDatabaseUnavailable } from "@syszap/database";
import { BusUnavailableError } from "@syszap/event-bus";
import { MediaNotFoundError } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";

interface ProblemDetails {
  /** Invalid fields, by path. */
  errors?: NonNullable<Problem["errors"]>;
  expired?: NonNullable<Problem["expired"]>;
  headers?: Record<string, string>;
}

/** An error that is reported to the caller. `detail` explains in plain English how to resolve it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  constructor(
    readonly problem: ProblemName,
    detail: string,
    readonly details: ProblemDetails = {},
  ) {
    super(detail);
  }
}

export const notFound = (resource: string) =>
  new ProblemError("not_found", `Your company has no ${resource} with this id. Check the id.`);

export const bodyTooLarge = () =>
  new ProblemError("too_large", "The body is larger than 512 KiB. A text has at most 65,535 characters.");

/** Error handler, mounted last. Sends every error as application/problem+json (RFC 9457). */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error);
    const problem = toProblem(error);
    if (problem.problem === "internal") log.error({ err: error, method: req.method, path: req.path }, "request failed");
    if (problem.problem === "unavailable")
      log.warn({ err: error, path: req.path }, "request failed because a dependency is not available");
    sendProblem(res, problem);
  };
}

/** Answers all paths without an endpoint. */
export const unknownRoute: RequestHandler = (_req, _res, next) =>
  next(new ProblemError("not_found", "This endpoint does not exist. All endpoints are listed in docs/openapi.yaml."));

function sendProblem(res: Response, { problem, message, details }: ProblemError): void {
  const body: Problem = {
    ...problemTypes[problem],
    detail: message,
    ...(details.errors && { errors: details.errors }),
    ...(details.expired && { expired: details.expired }),
  };
  res.status(body.status).set("Cache-Control", "no-store");
  res.set(details.headers ?? {});
  res.type("application/problem+json").send(JSON.stringify(body));
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof IdempotencyConflictError)
    return new ProblemError(
      "idempotency_conflict",
      "This Idempotency-Key was used for another chat or message. Use a new key for each message.",
    );
  if (error instanceof InvalidPageKeyError)
    return new ProblemError("invalid", "The page key is invalid. Start from the first page, without `before`.", {
      errors: [{ path: "before", message: "must be the `next` of an earlier page" }],
    });
  if (error instanceof MediaNotFoundError) return notFound("file");
  if (error instanceof BusUnavailableError || isDatabaseUnavailable(error))
    return new ProblemError("unavailable", "Part of the service is not available. Try again in a few seconds.", {
      headers: { "Retry-After": "2" },
    });
  return (
    fromExpress(error) ??
    new ProblemError("internal", "The error was logged. Try again, and contact support if it happens again.")
  );
}

/** Translates errors of Express and its body parser, which carry a status below 500. */
function fromExpress(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const status = Number(error.status);
  if (status === 413) return bodyTooLarge();
  if (status === 415)
    return new ProblemError(
      "unsupported_media_type",
      "Send the body as plain JSON in UTF-8, without an unusual encoding.",
    );
  if (status < 400 || status >= 500) return undefined;
  const isJson = "type" in error && error.type === "entity.parse.failed";
  return new ProblemError(
    "malformed",
    isJson
      ? "The body is not valid JSON. Look for a missing quote, comma or bracket."
      : "The request could not be read. Check the encoding of the path and the body.",
  );
}
