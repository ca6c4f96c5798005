import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** A refused request. `title` is shown to the client. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 426 | 429 | 503,
    readonly title: string,
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(title, options);
  }
}

function headersOf(refusal: Refusal, body: string): Record<string, string | number> {
  return {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(refusal.status === 401 && { "www-authenticate": "Bearer" }),
    ...(refusal.status === 426 && { upgrade: "websocket" }),
    ...(refusal.retryAfterSeconds !== undefined && { "retry-after": refusal.retryAfterSeconds }),
  };
}
const bodyOf = ({ status, title }: Refusal) => JSON.stringify({ type: "about:blank", title, status });

/** Answers a refused upgrade request with an HTTP problem response, and closes the socket. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = bodyOf(refusal);
  const lines = Object.entries(headersOf(refusal, body)).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`;
  socket.once("finish", () => socket.destroy());
  socket.end([status, "connection: close", ...lines, "", body].join("\r\n"));
}

export function refuseRequest(res: ServerResponse, refusal: Refusal): void {
  const body = bodyOf(refusal);
  res.writeHead(refusal.status, headersOf(refusal, body)).end(body);
}
