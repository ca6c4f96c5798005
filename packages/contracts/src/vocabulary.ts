import { z } from "zod";

export const Role = z.enum(["owner", "admin", "agent"]);
export type Role = z.infer<typeof Role>;
/** Who may link, unlink and see the QR code of a phone: the code is a credential. */
export const sessionManagers: readonly Role[] = ["owner", "admin"];

export const SessionStatus = z.enum(["connected", "disconnected", "qr", "connecting"]);
export type SessionStatus = z.infer<typeof SessionStatus>;

const statusOfDetail = {
  starting: "connecting",
  syncing: "connecting",
  reconnecting: "connecting",
  qr: "qr",
  connected: "connected",
  stopped: "disconnected",
  qr_expired: "disconnected",
  action_required: "disconnected",
  conflict: "disconnected",
  logged_out: "disconnected",
  failed: "disconnected",
} as const satisfies Record<string, SessionStatus>;
export const SessionDetail = z.enum(Object.keys(statusOfDetail) as [keyof typeof statusOfDetail]);
export type SessionDetail = keyof typeof statusOfDetail;
/** The four states that pages know, from the finer one. */
export const sessionStatusOf = (detail: SessionDetail): SessionStatus => statusOfDetail[detail];

/** Wire numbers of R7; 99 stands for anything WhatsApp adds later. */
export const messageType = {
  text: 0,
  image: 1,
  video: 2,
  audio: 3,
  voice: 4,
  document: 5,
  sticker: 6,
  location: 7,
  contact: 8,
  poll: 9,
  system: 10,
  unknown: 99,
} as const;
export type MessageKind = keyof typeof messageType;
export const MessageType = z.union(Object.values(messageType).map((value) => z.literal(value)));
export type MessageType = (typeof messageType)[MessageKind];

export const direction = { in: 0, out: 1 } as const;
export const Direction = z.union([z.literal(0), z.literal(1)]);
export type Direction = z.infer<typeof Direction>;

/** In the order in which a message passes through them; `failed` ends it unless a later receipt proves otherwise. */
export const MessageStatus = z.enum(["queued", "sent", "delivered", "read", "played", "failed"]);
export type MessageStatus = z.infer<typeof MessageStatus>;

export const EngineName = z.enum(["simulator", "wppconnect"]);
export type EngineName = z.infer<typeof EngineName>;

/** Digits with country code, without "+". */
export const WhatsAppNumber = z.string().regex(/^\d{5,20}$/, "digits with country code, without +");
/** Typed by a person to link a phone: as WhatsApp writes it for E.164, so that what can be no number is named at once. */
export const LinkableNumber = z
  .string()
  .regex(/^[1-9]\d{7,14}$/, "must be 8 to 15 digits with the country code, without + or leading zeros");
/** Eight signs, shown in two groups of four. */
export const PairingCode = z.string().regex(/^[0-9A-Z]{8}$/);
export const Timestamp = z.iso.datetime();
/** `exhausted`: nothing is sent. `slowed`: some of it waits, or WhatsApp is only tried from time to time. */
export const PacingState = z.enum(["ok", "slowed", "exhausted"]);
export type PacingState = z.infer<typeof PacingState>;
/** Why sending is held back: a budget that is used up, or attempts that failed one after the other. */
export const PacingCause = z.enum(["hourly_budget", "cold_budget", "failures"]);
export type PacingCause = z.infer<typeof PacingCause>;
export const TypingState = z.enum(["composing", "recording", "paused"]);
export type TypingState = z.infer<typeof TypingState>;
/**
 * Why a message is without its file: it is still on its way (further tries follow by themselves), it is over the limit, or
 * WhatsApp did not hand it over in spite of all tries.
 */
export const MissingMediaState = z.enum(["pending", "too_large", "unavailable"]);
export type MissingMediaState = z.infer<typeof MissingMediaState>;
/** Files are sent as one of these; what WhatsApp shows nowhere else goes as a document. */
export const SentFileKind = z.enum(["image", "video", "audio", "voice", "document"]);
export type SentFileKind = z.infer<typeof SentFileKind>;
/** Why a webhook endpoint is disabled: by a person; it said 410; it failed for days; too much waited for it. */
export const WebhookEnd = z.enum(["person", "gone", "failing", "backlog"]);
export type WebhookEnd = z.infer<typeof WebhookEnd>;
/** What can be done to a message after it was sent. */
export const MessageChange = z.enum(["edit", "reaction", "delete"]);
export type MessageChange = z.infer<typeof MessageChange>;
