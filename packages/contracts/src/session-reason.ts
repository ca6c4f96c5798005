import { z } from "zod";

/**
 * Why a session is in its state, by a name that pages have a sentence for in each language. What only an operator can use
 * (paths, error codes, signals) is in the connector's log.
 */
export const SessionReason = z.enum([
  // The line: these heal by themselves, with the browser as it is.
  "network_lost",
  "phone_offline",
  "line_resuming",
  // The browser and its page: these are started afresh, with growing delays, and `failed` ends them.
  "page_not_loaded",
  "page_not_ready",
  "sync_stuck",
  "page_silent",
  "page_crashed",
  "browser_ended",
  "browser_not_started",
  "browser_missing",
  // The engine's process.
  "engine_crashed",
  "engine_silent",
  "engine_out_of_memory",
  "engine_not_started",
  "engine_ended",
  "engine_stuck",
  "engine_unknown",
  // The profile.
  "profile_not_writable",
  "profile_disk_full",
  "profile_archiving",
  "profile_unreachable",
  "profile_refused",
  // The link, and what only a person can do about it.
  "opened_elsewhere",
  "terms_not_accepted",
  "network_refused",
  "version_outdated",
  "qr_not_scanned",
  "pairing_code_not_entered",
  "pairing_refused",
  "number_in_use",
  "unlinked_on_phone",
  "logged_out",
  "connector_restarting",
]);
export type SessionReason = z.infer<typeof SessionReason>;
