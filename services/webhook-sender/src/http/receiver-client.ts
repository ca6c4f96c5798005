import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { WebhookFailure } from "@syszap/contracts";
import { checkLiteral, ForbiddenAddressError, guardedLookup, isPublicAddress } from "@syszap/platform";

export interface ReceiverResponse {
  status: number;
  /** First 512 bytes of the body. The rest is not read. */
  excerpt: string;
  retryAfter: string | undefined;
}
export interface ReceiverClientOptions {
  allowPrivate: boolean;
  /** Deadline for the DNS lookup, connection, TLS handshake, request and status line together. */
  timeoutMs: number;
  /** Address check for tests. The default accepts public addresses, or all addresses with `allowPrivate`. */
  mayReach?: (address: string) => boolean;
  /** DNS lookup for tests. */
  lookup?: LookupFunction;
}
const excerptBytes = 512;
/** Socket inactivity timeout; it also closes unused keep-alive connections. */
const idleTimeoutMs = 30_000;

/**
 * HTTP client for untrusted addresses: it connects to public addresses only, follows no redirects and limits time and response
 * size.
 */
export class ReceiverClient {
  private readonly mayReach: (address: string) => boolean;
  private readonly lookup: LookupFunction;
  private readonly agents = {
    "http:": new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: idleTimeoutMs }),
    "https:": new https.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: idleTimeoutMs }),
  };

  constructor(private readonly options: ReceiverClientOptions) {
    this.mayReach = options.mayReach ?? (options.allowPrivate ? () => true : isPublicAddress);
    this.lookup = guardedLookup(this.mayReach, options.lookup);
  }

  /** Rejects when no response arrives. `describeFailure` translates the error. */
  async post(address: string, headers: Record<string, string>, body: string | Buffer): Promise<ReceiverResponse> {
    const url = new URL(address);
    if (url.protocol !== "https:" && !this.options.allowPrivate) throw new ForbiddenAddressError();
    checkLiteral(url, this.mayReach);
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    const response = await this.request(url, headers, { body, signal });
    return {
      status: response.statusCode ?? 0,
      excerpt: await readStart(response),
      retryAfter: response.headers["retry-after"],
    };
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private request(
    url: URL,
    headers: Record<string, string>,
    sent: { body: string | Buffer; signal: AbortSignal },
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const protocol = url.protocol === "https:" ? "https:" : "http:";
      const { request } = protocol === "https:" ? https : http;
      const outgoing = request(url, {
        method: "POST",
        agent: this.agents[protocol],
        headers: { ...headers, "content-length": String(Buffer.byteLength(sent.body)) },
        lookup: this.lookup,
        signal: sent.signal,
      });
      let hasResponse = false;
      outgoing.on("response", (response) => {
        hasResponse = true;
        response.on("error", () => undefined); // `readStart` reports what arrived before the error
        resolve(response);
      });
      outgoing.on("error", (err: NodeJS.ErrnoException) => {
        if (hasResponse) return;
        // The receiver closed a keep-alive connection at the moment of its reuse. This is no failure: connect again.
        if (outgoing.reusedSocket && err.code === "ECONNRESET") this.request(url, headers, sent).then(resolve, reject);
        else reject(sent.signal.aborted ? sent.signal.reason : err);
      });
      outgoing.end(sent.body);
    });
  }
}

/** Reads the first bytes of the body. An endless or interrupted body is no error: the status decides. */
async function readStart(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of response) {
      parts.push(part);
      length += part.length;
      if (length > excerptBytes) break;
    }
  } catch {
    // The excerpt holds what arrived before the interruption.
  } finally {
    if (!response.complete) response.destroy();
  }
  return Buffer.concat(parts).subarray(0, excerptBytes).toString("utf8");
}

export interface Failure {
  reason: WebhookFailure;
  /** Message in English for the delivery log. */
  error: string;
}

/** Describes a failed request for the operator of the receiver. The text reveals nothing about our network. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ForbiddenAddressError)
    return { reason: "address_not_public", error: "the address is not public: events are not sent there" };
  if (!(error instanceof Error)) return { reason: "other", error: "the request failed" };
  if (error.name === "TimeoutError") return { reason: "no_answer_in_time", error: "no response within the time limit" };
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "ENODATA")
    return { reason: "name_not_found", error: `the server name was not found (${code})` };
  if (code === "ECONNREFUSED") return { reason: "connection_refused", error: "the connection was refused" };
  if (code === "ECONNRESET" || code === "EPIPE")
    return { reason: "connection_broken", error: "the connection was closed before a response" };
  if (/CERT|SELF_SIGNED|ALTNAME|SSL|TLS|UNABLE_TO/.test(code))
    return { reason: "tls", error: `the certificate or TLS handshake failed (${code})` };
  return { reason: "other", error: `the request failed${code === "" ? "" : ` (${code})`}` };
}
