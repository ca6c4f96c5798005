import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { bodyLimitOf } from "./body-limit.ts";

/** Deadline for a body of a few bytes. */
const minMs = 30_000;
/** Slowest accepted rate: 512 kbit/s, which phones reach with poor reception. */
const minBytesPerMs = 64;
/** How long a body may still arrive after its response was sent. Closing at once could destroy the response on its way. */
const lingerMs = 10_000;

/**
 * Returns the deadline for a request body, by its length and the limit of its endpoint. Node.js has only one timeout for all
 * requests of a server: it would either reject large files or let slow senders occupy connections.
 */
export function bodyDeadlineMs(contentLength: string | undefined, limitBytes: number): number {
  const bytes = Number(contentLength ?? 0);
  return minMs + (Number.isFinite(bytes) ? Math.min(bytes, limitBytes) / minBytesPerMs : 0);
}

interface Deadlines {
  deadlineMs: (req: IncomingMessage) => number;
  lingerMs: number;
}
const defaults: Deadlines = {
  deadlineMs: (req) => bodyDeadlineMs(req.headers["content-length"], bodyLimitOf(req)),
  lingerMs,
};

/**
 * Answers 408 and closes the connection when the body is not complete by the deadline. After a response that did not need the
 * whole body, closes it when the rest does not arrive soon.
 */
export function withBodyDeadline(app: RequestListener, deadlines: Deadlines = defaults): RequestListener {
  return (req, res) => {
    const { "content-length": length, "transfer-encoding": coding } = req.headers;
    if (length !== undefined || coding !== undefined) startDeadline(req, res, deadlines);
    app(req, res);
  };
}

function startDeadline(req: IncomingMessage, res: ServerResponse, deadlines: Deadlines): void {
  const giveUp = () => {
    if (req.complete) return; // The response has no deadline.
    if (!res.headersSent) res.writeHead(408, { Connection: "close" });
    res.end(() => req.destroy());
  };
  let timer = setTimeout(giveUp, deadlines.deadlineMs(req));
  const cancel = () => clearTimeout(timer);
  res.once("finish", () => {
    cancel();
    if (!req.complete) timer = setTimeout(() => req.destroy(), deadlines.lingerMs);
  });
  req.once("end", cancel).once("close", cancel);
}
