/**
 * Why a session is in its state. Pages have a translated sentence for each. Details for operators (paths, error codes, signals)
 * are in the connector's log.
 */
export const sessionReasons = [
  // The connection to WhatsApp: recovers without a restart of the browser.
  "network_lost",
  "proxy_failed",
  "proxy_login_refused",
  "phone_offline",
  "line_resuming",
  // The browser and its page: restarted with growing delays, until the session is `failed`.
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
  "proxy_unreadable",
  // The profile.
  "profile_not_writable",
  "profile_disk_full",
  "profile_archiving",
  "profile_unreachable",
  "profile_refused",
  // The link: a person has to act.
  "passkey_required",
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
] as const;
type SessionReason = (typeof sessionReasons)[number];
export const isSessionReason = (reason: unknown): reason is SessionReason =>
  (sessionReasons as readonly unknown[]).includes(reason);

/** Why a message was not sent. No further retry is made. Pages have a translated sentence for each. */
export const sendFailures = [
  // The number.
  "no_whatsapp",
  "chat_refused",
  "blocked",
  // The file.
  "too_large",
  "file_gone",
  "file_refused",
  // The message to answer, change or delete.
  "message_gone",
  "edit_too_late",
  "delete_too_late",
  "not_changeable",
  // The group.
  "groups_off",
  "not_a_member",
  "admins_only",
  // The session.
  "session_removed",
] as const;

/** Why a session's proxy could not be used. Pages have a translated sentence for each. */
export const proxyFailures = [
  "address_not_public",
  "name_not_found",
  "not_reachable",
  "no_answer_in_time",
  "not_a_proxy",
  "login_refused",
  "target_refused",
] as const;

/** Why a webhook attempt counts as failed. */
export const webhookFailures = [
  "status",
  "redirect",
  "gone",
  "address_not_public",
  "no_answer_in_time",
  "name_not_found",
  "connection_refused",
  "connection_broken",
  "tls",
  "other",
] as const;
type WebhookFailure = (typeof webhookFailures)[number];
export const isWebhookFailure = (reason: unknown): reason is WebhookFailure =>
  (webhookFailures as readonly unknown[]).includes(reason);
