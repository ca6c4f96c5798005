import type { SessionDetail } from "@syszap/contracts";
import type { PageReading } from "./page-side.ts";

export interface LoginState {
  detail: SessionDetail;
  reason?: string;
}

/** Needs a hand: WhatsApp shows a page that only a person can answer. */
const blockedBy: Record<string, string> = {
  TOS_BLOCK: "WhatsApp asks for its terms to be accepted on the phone",
  SMB_TOS_BLOCK: "WhatsApp asks for its terms to be accepted on the phone",
  PROXYBLOCK: "WhatsApp refuses this network",
  DEPRECATED_VERSION: "WhatsApp Web wants a newer version",
};

/** The page is open but its line is not. */
const offline: ReadonlySet<string> = new Set(["OFFLINE", "OPENING", "PAIRING", "CONNECTING"]);

/**
 * Reads the state off the two things that do not lie: whether this device is registered, and what the page's line does.
 * (The library's `inChat` comes while a QR code is shown; `disconnectedMobile` on a fresh start, and sometimes never.)
 */
export function loginStateOf(page: PageReading, wasConnected: boolean): LoginState | undefined {
  const blocked = blockedBy[page.mode];
  if (blocked !== undefined) return { detail: "action_required", reason: blocked };
  if (!page.isRegistered) {
    return wasConnected ? { detail: "logged_out", reason: "unlinked on the phone" } : undefined; // a code follows
  }
  if (page.mode === "CONFLICT" || page.socket === "CONFLICT") {
    return { detail: "conflict", reason: "WhatsApp Web is open elsewhere with this link" };
  }
  const isOnline = page.mode === "MAIN" && !offline.has(page.info);
  if (isOnline && page.isListening) return { detail: "connected" };
  if (wasConnected) return { detail: "reconnecting", reason: "WhatsApp Web lost its connection" };
  return { detail: "syncing" };
}
