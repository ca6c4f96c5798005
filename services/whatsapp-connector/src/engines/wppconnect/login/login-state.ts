import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { PageReading } from "../page/account.ts";

export interface LoginState {
  detail: SessionDetail;
  reason?: SessionReason;
}

/**
 * WhatsApp demands a passkey before it links the device. Codes that the page shows afterwards lead to the same demand, so the state
 * lasts until the phone is linked or the engine is started again.
 */
export const passkeyRequired = { detail: "action_required", reason: "passkey_required" } as const satisfies LoginState;

/** Modes in which WhatsApp shows a page that only a person can answer. */
const blockedBy: Record<string, SessionReason> = {
  TOS_BLOCK: "terms_not_accepted",
  SMB_TOS_BLOCK: "terms_not_accepted",
  PROXYBLOCK: "network_refused",
  DEPRECATED_VERSION: "version_outdated",
};

/** Stream states in which the page is open but not connected. */
const offline: ReadonlySet<string> = new Set(["OFFLINE", "OPENING", "PAIRING", "CONNECTING"]);

/**
 * Derives the state from reliable signals only: the registration of the device, the state of the connection, and the
 * warning that the page shows. The library's own states are not reliable: `inChat` also comes while a QR code is shown,
 * and `disconnectedMobile` comes on a fresh start but not always when it should. Undefined: a QR code follows.
 */
export function loginStateOf(page: PageReading, wasConnected: boolean, previous?: LoginState): LoginState | undefined {
  const blocked = blockedBy[page.mode];
  if (blocked !== undefined) return { detail: "action_required", reason: blocked };
  if (!page.isRegistered && !wasConnected && (page.showsPasskey || previous?.reason === passkeyRequired.reason))
    return passkeyRequired;
  if (!page.isRegistered && wasConnected) return { detail: "logged_out", reason: "unlinked_on_phone" };
  if (page.mode === "CONFLICT" || page.socket === "CONFLICT") return { detail: "conflict", reason: "opened_elsewhere" };
  const loss = connectionLossOf(page);
  if (loss !== undefined) return { detail: "reconnecting", reason: loss };
  if (!page.isRegistered) return undefined;
  const isOnline = page.mode === "MAIN" && !offline.has(page.info);
  if (isOnline && page.isListening) return { detail: "connected" };
  if (previous?.detail === "reconnecting") return previous; // keeps its reason until the connection is restored
  return wasConnected ? { detail: "reconnecting", reason: "line_resuming" } : { detail: "syncing" };
}

/** Returns the reason if the page works but has lost a connection. It then recovers without help. */
export function connectionLossOf({ alert, isOnline, socket }: PageReading): SessionReason | undefined {
  if (alert === "computer" || !isOnline) return "network_lost";
  return alert === "phone" || socket === "TIMEOUT" ? "phone_offline" : undefined;
}
