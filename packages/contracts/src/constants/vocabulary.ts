export const roles = ["owner", "admin", "agent"] as const;
type Role = (typeof roles)[number];
/** Roles that may link and unlink phones. Only they see QR codes and pairing codes, which are credentials. */
export const sessionManagers: readonly Role[] = ["owner", "admin"];
/** Owners and admins see every chat. Agents see the chats within their reach. */
export const seesWholeCompany = (role: Role): boolean => role !== "agent";

/** Access and sessions of a company end in every state but `active`. The data is removed in `deleting` only. */
export const companyStates = ["active", "suspended", "deletion_scheduled", "deleting"] as const;
/**
 * Which chats the agents of a company see. `all`: every chat. `team`: chats of the sessions that their teams or no team serve. `own`:
 * of these, their own and the unassigned ones.
 */
export const agentReaches = ["all", "team", "own"] as const;

/** The roles whose users a role may manage, and that it may give. */
export const managedRoles: Readonly<Record<Role, readonly Role[]>> = {
  owner: roles,
  admin: ["admin", "agent"],
  agent: [],
};

/** `invited`: has not set a password yet. `disabled`: cannot sign in. */
export const userStates = ["invited", "active", "disabled"] as const;
/** Languages of pages and e-mails. */
export const languages = ["pt-BR", "en"] as const;
/** State of the e-mail with a link. `off`: the platform sends no e-mail, so the link was shown once. */
export const mailStates = ["off", "queued", "sent", "failed"] as const;

/** Who of a company must have a second factor. `managers`: owners and admins. */
export const secondFactorPolicies = ["none", "managers"] as const;

export const sessionStatuses = ["connected", "disconnected", "qr", "connecting"] as const;
type SessionStatus = (typeof sessionStatuses)[number];

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
type SessionDetail = keyof typeof statusOfDetail;
export const sessionDetails = Object.keys(statusOfDetail) as [SessionDetail, ...SessionDetail[]];
export const sessionStatusOf = (detail: SessionDetail): SessionStatus => statusOfDetail[detail];

/** Wire numbers of message types. 99 stands for any type that this version does not know. */
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
export const messageKinds = Object.keys(messageType) as [MessageKind, ...MessageKind[]];
const kindOfType = new Map<number, MessageKind>(messageKinds.map((kind) => [messageType[kind], kind]));
/** `unknown` for numbers that only a newer server sends. */
export const messageKindOf = (type: number): MessageKind => kindOfType.get(type) ?? "unknown";

/** Wire numbers of a message's direction: `in` from the client, `out` from the company. */
export const direction = { in: 0, out: 1 } as const;

/** Roles of the participants of a group. */
export const groupRoles = ["member", "admin", "owner"] as const;
/** Whether WhatsApp's id of a chat is that of a group. */
export const isGroupChat = (waChatId: string): boolean => waChatId.endsWith("@g.us");

/** Events that a note of WhatsApp in a chat reports. */
export const noteEvents = [
  "group_created",
  "subject_changed",
  "description_changed",
  "picture_changed",
  "joined",
  "added",
  "left",
  "removed",
  "promoted",
  "demoted",
  "settings_changed",
  "number_changed",
  "encryption",
  "disappearing_changed",
  "other",
] as const;

/** In the order in which a message passes through them. `failed` is final unless a later receipt proves the message was sent. */
export const messageStatuses = ["queued", "sent", "delivered", "read", "played", "failed"] as const;

/** `exhausted`: nothing is sent. `slowed`: some messages wait, or WhatsApp is only tried from time to time. */
export const pacingStates = ["ok", "slowed", "exhausted"] as const;
/** Why sending is held back: a used-up budget, or consecutive failures. */
export const pacingCauses = ["hourly_budget", "cold_budget", "failures"] as const;

export const typingStates = ["composing", "recording", "paused"] as const;

/** `pending`: download retries follow automatically. `too_large`: over the limit. `unavailable`: all attempts failed. `expired`: the company keeps files for a limited time. */
export const missingMediaStates = ["pending", "too_large", "unavailable", "expired"] as const;

/** How WhatsApp shows a sent file. `document` fits any type. */
export const sentFileKinds = ["image", "video", "audio", "voice", "document", "sticker"] as const;
/** Kinds of files that WhatsApp shows without a text. */
export const fileKindsWithoutCaption: readonly (typeof sentFileKinds)[number][] = ["audio", "voice", "sticker"];

/** Kinds of messages and of changes that users can send. Each engine declares those that it supports. */
export const sendables = [
  "text",
  ...sentFileKinds,
  "location",
  "contacts",
  "poll",
  "reply",
  "forward",
  "reaction",
  "edit",
  "delete",
] as const;

/** Operations on a message that was sent before. */
export const messageChanges = ["edit", "reaction", "delete"] as const;

/**
 * Why a webhook endpoint is disabled: by a person, after a 410 answer, after days of failures, or because too many events
 * waited.
 */
export const webhookDisabledReasons = ["person", "gone", "failing", "backlog"] as const;
export const webhookDeliveryStates = ["waiting", "delivered", "failed"] as const;

export const deadLetterStates = ["resting", "redriving", "solved", "discarded"] as const;

export const apiKeyScopes = ["send", "read", "sessions", "manage:webhooks"] as const;

/** E.164 without "+": 8 to 15 digits with the country code. */
export const linkableNumberPattern = /^[1-9]\d{7,14}$/;
