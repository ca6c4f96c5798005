import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** Deadline for a body of a few bytes. */
const minMs = 30_000;
/** Slowest accepted rate: 512 kbit/s, which phones reach with poor reception. */
const minBytesPerMs = 64;
/** Upper bound for reading a request body. Handlers with a smaller size limit reject earlier. */
const maxMs = 30 * 60_000;

/**
 * Returns the deadline for a request body, by its length. Node.js has only one timeout for all requests of a server: it would
 * either reject large files or let slow senders occupy connections.
 */
export function bodyDeadlineMs(contentLength: string | undefined): number {
  const bytes = Number(contentLength ?? 0);
  return Math.min(minMs + (Number.isFinite(bytes) ? bytes / minBytesPerMs : 0), maxMs);
}

/** Answers 408 and closes the connection when the body is not complete by the deadline. */
export function withBodyDeadline(
  app: RequestListener,
  deadlineMs: (contentLength: string | undefined) => number = bodyDeadlineMs,
): RequestListener {
  return (req, res) => {
    const { "content-length": length, "transfer-encoding": coding } = req.headers;
    if (length !== undefined || coding !== undefined) startDeadline(req, res, deadlineMs(length));
    app(req, res);
  };
}

function startDeadline(req: IncomingMessage, res: ServerResponse, deadlineMs: number): void {
  const timer = setTimeout(() => {
    if (req.complete) return; // The response has no deadline.
    if (!res.headersSent) res.writeHead(408, { Connection: "close" });
    res.end(() => req.destroy());
  }, deadlineMs);
  const cancel = () => clearTimeout(timer);
  req.once("end", cancel).once("close", cancel);
}
