import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** What fits into one packet, however slow the line. */
const leastMs = 30_000;
/** 512 kbit/s: what a phone reaches at the edge of its network. */
const slowestBytesPerMs = 64;
/** What says more is refused by its handler as soon as that is read, or takes no longer than this all the same. */
const mostMs = 30 * 60_000;

/**
 * How long a request's body may take. Node has one time for all requests of a server: either a large file can't be sent, or
 * whoever sends a byte now and then holds a connection for long.
 */
export function bodyDeadlineMs(contentLength: string | undefined): number {
  const bytes = Number(contentLength ?? 0);
  return Math.min(leastMs + (Number.isFinite(bytes) ? bytes / slowestBytesPerMs : 0), mostMs);
}

/** Answers 408 and hangs up when the body has not come in time. */
export function withBodyDeadline(
  app: RequestListener,
  deadlineMs: (contentLength: string | undefined) => number = bodyDeadlineMs,
): RequestListener {
  return (req, res) => {
    const { "content-length": length, "transfer-encoding": coding } = req.headers;
    if (length !== undefined || coding !== undefined) limit(req, res, deadlineMs(length));
    app(req, res);
  };
}

function limit(req: IncomingMessage, res: ServerResponse, withinMs: number): void {
  const timer = setTimeout(() => {
    if (req.complete) return; // its answer may take longer
    if (!res.headersSent) res.writeHead(408, { Connection: "close" });
    res.end(() => req.destroy());
  }, withinMs);
  const end = () => clearTimeout(timer);
  req.once("end", end).once("close", end);
}
