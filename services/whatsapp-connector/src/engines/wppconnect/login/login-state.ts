import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { PageReading } from "../page/account.ts";

export interface LoginState {
  detail: SessionDetail;
  reason?: SessionReason;
}

/** Needs a hand: WhatsApp shows a page that only a person can answer. */
const blockedBy: Record<string, SessionReason> = {
  TOS_BLOCK: "terms_not_accepted",
  SMB_TOS_BLOCK: "terms_not_accepted",
  PROXYBLOCK: "network_refused",
  DEPRECATED_VERSION: "version_outdated",
};

/** The page is open but its line is not. */
const offline: ReadonlySet<string> = new Set(["OFFLINE", "OPENING", "PAIRING", "CONNECTING"]);

/**
 * Reads the state off what does not lie: whether this device is registered, what the page's line does, and the page's own
 * warning. (The library's `inChat` comes while a QR code is shown; `disconnectedMobile` on a fresh start, and sometimes never.)
 */
export function loginStateOf(page: PageReading, wasConnected: boolean, before?: LoginState): LoginState | undefined {
  const blocked = blockedBy[page.mode];
  if (blocked !== undefined) return { detail: "action_required", reason: blocked };
  if (!page.isRegistered && wasConnected) return { detail: "logged_out", reason: "unlinked_on_phone" };
  if (page.mode === "CONFLICT" || page.socket === "CONFLICT") return { detail: "conflict", reason: "opened_elsewhere" };
  const away = whatIsAway(page);
  if (away !== undefined) return { detail: "reconnecting", reason: away };
  if (!page.isRegistered) return undefined; // a code follows
  const isInLine = page.mode === "MAIN" && !offline.has(page.info);
  if (isInLine && page.isListening) return { detail: "connected" };
  if (before?.detail === "reconnecting") return before; // on its way back: why it was away stays true until it is
  return wasConnected ? { detail: "reconnecting", reason: "line_resuming" } : { detail: "syncing" };
}

/** The page is alive and knows what it lacks: then nothing of ours is broken, and it comes back by itself. */
export function whatIsAway({ alert, isOnline, socket }: PageReading): SessionReason | undefined {
  if (alert === "computer" || !isOnline) return "network_lost";
  return alert === "phone" || socket === "TIMEOUT" ? "phone_offline" : undefined;
}
