import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import type { WebhookFailure } from "@syszap/contracts";
import { isPublicAddress } from "@syszap/platform";
import { checkLiteral, ForbiddenAddressError, guardedLookup } from "./address-guard.ts";

export interface Answer {
  status: number;
  /** How the body begins; the rest is not read. */
  excerpt: string;
  retryAfter: string | undefined;
}
export interface ReceiverClientOptions {
  allowPrivate: boolean;
  /** For everything: name, connection, TLS, request, and the answer's status. */
  timeoutMs: number;
  /** For tests: another judge of addresses, another resolver. */
  mayReach?: (address: string) => boolean;
  lookup?: LookupFunction;
}
const excerptBytes = 512;
/** For bodies and connections that are not worth waiting for. */
const idleMs = 30_000;

/** Posts to addresses that strangers chose: follows no redirect, reads little, waits briefly, and connects to public addresses only. */
export class ReceiverClient {
  private readonly mayReach: (address: string) => boolean;
  private readonly lookup: LookupFunction;
  private readonly agents = {
    "http:": new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: idleMs }),
    "https:": new https.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: idleMs }),
  };

  constructor(private readonly options: ReceiverClientOptions) {
    this.mayReach = options.mayReach ?? (options.allowPrivate ? () => true : isPublicAddress);
    this.lookup = guardedLookup(this.mayReach, options.lookup);
  }

  /** Rejects when there is no answer: see `describeFailure`. */
  async post(address: string, headers: Record<string, string>, body: string): Promise<Answer> {
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
    sent: { body: string; signal: AbortSignal },
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const protocol = url.protocol === "https:" ? "https:" : "http:";
      const { request } = protocol === "https:" ? https : http;
      const asked = request(url, {
        method: "POST",
        agent: this.agents[protocol],
        headers: { ...headers, "content-length": String(Buffer.byteLength(sent.body)) },
        lookup: this.lookup,
        signal: sent.signal,
      });
      let isAnswered = false;
      asked.on("response", (response) => {
        isAnswered = true;
        resolve(response);
      });
      asked.on("error", (err: NodeJS.ErrnoException) => {
        if (isAnswered) return;
        // The receiver closed a kept connection just when it was used again: that says nothing about it.
        if (asked.reusedSocket && err.code === "ECONNRESET") this.request(url, headers, sent).then(resolve, reject);
        else reject(sent.signal.aborted ? sent.signal.reason : err);
      });
      asked.end(sent.body);
    });
  }
}

/** The status decides; a body that does not end, or breaks, changes nothing. */
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
    // As much of it as there is.
  } finally {
    if (!response.complete) response.destroy();
  }
  return Buffer.concat(parts).subarray(0, excerptBytes).toString("utf8");
}

export interface Failure {
  reason: WebhookFailure;
  /** In English. */
  error: string;
}

/** In words for whoever runs the receiver; nothing of our own network. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ForbiddenAddressError)
    return { reason: "address_not_public", error: "the address is not public: events are not sent there" };
  if (!(error instanceof Error)) return { reason: "other", error: "the request failed" };
  if (error.name === "TimeoutError") return { reason: "no_answer_in_time", error: "no answer in time" };
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "ENODATA")
    return { reason: "name_not_found", error: `the name was not found (${code})` };
  if (code === "ECONNREFUSED") return { reason: "connection_refused", error: "the connection was refused" };
  if (code === "ECONNRESET" || code === "EPIPE")
    return { reason: "connection_broken", error: "the connection was broken off" };
  if (/CERT|SELF_SIGNED|ALTNAME|SSL|TLS|UNABLE_TO/.test(code))
    return { reason: "tls", error: `the certificate or TLS is not right (${code})` };
  return { reason: "other", error: `the request failed${code === "" ? "" : ` (${code})`}` };
}
