import type { DuePush } from "@syszap/database";
import webPush from "web-push";
import { retryAfterMsOf } from "../http/attempt.ts";
import { describeFailure, type ReceiverClient } from "../http/receiver-client.ts";

/** The installation's identity for push services (RFC 8292). */
export interface Vapid {
  subject: string;
  publicKey: string;
  privateKey: string;
}
export type PushOutcome =
  | { kind: "delivered" }
  /** The browser has unsubscribed. */
  | { kind: "gone" }
  | { kind: "refused"; error: string }
  /** Another attempt may succeed. */
  | { kind: "failed"; error: string; retryAfterMs: number | undefined };

/** A browser that is offline for longer receives no notice: its page shows what is unread. */
const ttlSeconds = 4 * 3_600;

/** Encrypts a notice for the browser and hands it to the browser's push service. Never rejects. */
export async function attemptPush(client: ReceiverClient, vapid: Vapid, push: DuePush): Promise<PushOutcome> {
  try {
    const { chat, count, language, target } = push;
    const payload = JSON.stringify({ chatId: chat?.id ?? null, name: chat?.name ?? null, count, language });
    const { headers, body } = webPush.generateRequestDetails(target, payload, {
      vapidDetails: vapid,
      TTL: ttlSeconds,
      urgency: "high",
      // A newer notice about the chat replaces one that the push service still keeps.
      topic: chat?.id.replaceAll("-", "") ?? "several-chats",
      contentEncoding: "aes128gcm",
    });
    const answer = await client.post(target.endpoint, textual(headers), body ?? "");
    return outcomeOf(answer.status, answer.retryAfter);
  } catch (error) {
    return { kind: "failed", error: describeFailure(error).error, retryAfterMs: undefined };
  }
}

function outcomeOf(status: number, retryAfter: string | undefined): PushOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 404 || status === 410) return { kind: "gone" };
  const error = `answered ${status}`;
  if (status === 429 || status >= 500)
    return { kind: "failed", error, retryAfterMs: retryAfterMsOf(retryAfter, new Date()) };
  return { kind: "refused", error };
}

const textual = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
