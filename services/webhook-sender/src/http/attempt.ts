import type { WebhookAttempt } from "@syszap/contracts";
import type { DueDelivery, WebhookLane } from "@syszap/database";
import { Webhook } from "standardwebhooks";
import { describeFailure, type Failure, type ReceiverClient } from "./receiver-client.ts";

export interface Outcome {
  try: WebhookAttempt;
  isDelivered: boolean;
  /** The receiver answered 410: no further events must be sent. */
  isGone: boolean;
  /** Delay that the receiver requested with `Retry-After`. */
  retryAfterMs: number | undefined;
}
const maxRetryAfterMs = 86_400_000;
const userAgent = "sysZap-Webhooks/1";

/** Makes one attempt as the Standard Webhooks specification describes. Never rejects. Only a 2xx status counts as delivered. */
export async function attempt(client: ReceiverClient, lane: WebhookLane, delivery: DueDelivery): Promise<Outcome> {
  const startedAt = new Date();
  const clock = performance.now();
  const ended = (status: number | null, failure: Failure | undefined, excerpt = ""): WebhookAttempt => ({
    at: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - clock),
    status,
    error: failure?.error ?? null,
    ...(failure && { reason: failure.reason }),
    excerpt: storable(excerpt),
  });
  try {
    const answer = await client.post(lane.url, headersOf(lane.secrets, delivery, startedAt), delivery.body);
    const isDelivered = answer.status >= 200 && answer.status < 300;
    return {
      try: ended(answer.status, isDelivered ? undefined : statusFailure(answer.status), answer.excerpt),
      isDelivered,
      isGone: answer.status === 410,
      retryAfterMs: isDelivered ? undefined : retryAfterMsOf(answer.retryAfter, startedAt),
    };
  } catch (error) {
    return { try: ended(null, describeFailure(error)), isDelivered: false, isGone: false, retryAfterMs: undefined };
  }
}

/** Signs with every valid secret. A receiver accepts the request when one signature matches its secret. */
function headersOf(secrets: string[], { eventId, body }: DueDelivery, at: Date): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": userAgent,
    "webhook-id": eventId,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(" "),
  };
}

function statusFailure(status: number): Failure {
  if (status >= 300 && status < 400)
    return { reason: "redirect", error: `answered ${status}: redirects are not followed` };
  if (status === 410) return { reason: "gone", error: "answered 410: the receiver wants no more events" };
  return { reason: "status", error: `answered ${status}` };
}

/** Parses `Retry-After`, which holds seconds or a date. The result is at most one day. */
export function retryAfterMsOf(retryAfter: string | undefined, now: Date): number | undefined {
  if (retryAfter === undefined) return undefined;
  const delayMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now.getTime();
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), maxRetryAfterMs);
}

/** Replaces characters that Postgres cannot store. */
const storable = (text: string) => text.replaceAll("\u0000", "\uFFFD").toWellFormed();
