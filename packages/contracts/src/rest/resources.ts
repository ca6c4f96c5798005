import { z } from "zod";
import { Reaction } from "../events/message-parts.ts";
import { Cursor } from "../frames.ts";
import { MessageContent } from "../message-content.ts";
import {
  Direction,
  EngineName,
  MessageChange,
  MessageStatus,
  MessageType,
  MissingMediaState,
  PacingCause,
  PacingState,
  PairingCode,
  Role,
  SentFileKind,
  SessionDetail,
  SessionStatus,
  Timestamp,
  WhatsAppNumber,
} from "../vocabulary.ts";

/** The signed-in person. */
export const Me = z.object({
  userId: z.uuid(),
  companyId: z.uuid(),
  companyName: z.string(),
  name: z.string(),
  email: z.email(),
  role: Role,
});
export type Me = z.infer<typeof Me>;

/** A linked phone, or one to be linked. */
export const Session = z.object({
  id: z.uuid(),
  name: z.string(),
  engine: EngineName,
  status: SessionStatus,
  detail: SessionDetail,
  reason: z.string().nullable().describe("a SessionReason; a newer connector may give others"),
  phoneNumber: z.string().nullable(),
  version: z.number().int(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Session = z.infer<typeof Session>;

/** A change of a session's state. */
export const SessionTransition = z.object({
  detail: SessionDetail,
  reason: z.string().nullable().describe("a SessionReason; a newer connector may give others"),
  generation: z.number().int().nullable().describe("of the lease under which it was seen; null: nobody held one"),
  occurredAt: Timestamp,
});

/** A session with who runs it, how that goes, and what it went through. */
export const SessionDetails = Session.extend({
  owner: z.string().nullable().describe("the connector that runs it now"),
  generation: z.number().int().describe("how often it was claimed by a connector"),
  lastEventAt: Timestamp.nullable().describe("when its engine last said anything"),
  restarts: z.number().int().describe("of its engine, since the owner claimed it"),
  memoryBytes: z.number().int().nullable().describe("of its engine's own processes; null where it has none"),
  history: z.array(SessionTransition).describe("the last 20, newest first"),
});
export type SessionDetails = z.infer<typeof SessionDetails>;

/** The QR code that is valid now. */
export const SessionQr = z.object({
  sessionId: z.uuid(),
  qrCode: z.string(),
  expiresAt: Timestamp,
  attempt: z.number().int(),
});
export type SessionQr = z.infer<typeof SessionQr>;

/** The code that can be typed on the phone now. */
export const SessionPairingCode = z.object({
  sessionId: z.uuid(),
  pairingCode: PairingCode,
  phoneNumber: WhatsAppNumber,
  expiresAt: Timestamp,
  attempt: z.number().int(),
});
export type SessionPairingCode = z.infer<typeof SessionPairingCode>;

const Budget = z.object({
  limit: z.number().int().nullable().describe("null: there is none"),
  used: z.number().int(),
  remaining: z.number().int().nullable().describe("null: there is no limit"),
  resetsAt: Timestamp.nullable().describe("of a budget that is used up: when there is room again"),
});

/** How fast a session may send, and what holds it back now. */
export const SessionPacing = z.object({
  sessionId: z.uuid(),
  state: PacingState,
  cause: PacingCause.nullable().describe("null when nothing is held back"),
  resetsAt: Timestamp.nullable().describe("when what is held back may go on"),
  nextAllowedAt: Timestamp.nullable().describe("before it nothing is sent: the gap, a budget or failures; null: now"),
  waiting: z.number().int().describe("messages in the queue"),
  hourly: Budget.describe("messages begun within the last hour"),
  cold: Budget.describe("people who never wrote to this number and were written to within the last day"),
  breaker: z.object({
    state: z.enum(["closed", "open", "half_open"]).describe("open: nothing is tried; half_open: one message is"),
    failures: z.number().int().describe("one after the other; a message that is accepted ends them"),
    retryAt: Timestamp.nullable(),
    reason: z.string().nullable().describe("of the last failure, in English"),
  }),
});
export type SessionPacing = z.infer<typeof SessionPacing>;

export const Client = z.object({
  id: z.uuid(),
  name: z.string(),
  whatsappNumber: WhatsAppNumber,
  profilePictureUrl: z.string().nullable(),
  lastContactAt: Timestamp.nullable(),
  version: z.number().int(),
});
export type Client = z.infer<typeof Client>;

export const MessageMedia = z.object({
  id: z.uuid(),
  mimeType: z.string(),
  fileName: z.string().nullable(),
  size: z.number().int(),
});

/** A file that was uploaded to be sent. */
export const UploadedFile = MessageMedia.extend({
  as: SentFileKind.describe("how it is sent, unless the message says otherwise"),
});
export type UploadedFile = z.infer<typeof UploadedFile>;

/** An address that plays a file without further credentials, for this caller and a few minutes: a secret like a token. */
export const MediaLink = z.object({ url: z.string(), expiresAt: Timestamp });
export type MediaLink = z.infer<typeof MediaLink>;

/** Of a file that is not here: yet (`pending`), or for good. Then it can be opened on the phone only. */
export const MissingMedia = z.object({
  state: MissingMediaState,
  reason: z.string().describe("in English, for people"),
  mimeType: z.string(),
  fileName: z.string().nullable(),
  size: z.number().int().nullable().describe("in bytes, as WhatsApp declares it"),
  limit: z.number().int().nullable().describe("in bytes, when the file is over it"),
});
export type MissingMedia = z.infer<typeof MissingMedia>;

/** What is shown of a message above its answer; the text is cut to a preview. */
export const QuotedMessage = z.object({ id: z.uuid(), direction: Direction, type: MessageType, body: z.string() });
export type QuotedMessage = z.infer<typeof QuotedMessage>;

export const Message = z.object({
  id: z.uuid(),
  chatId: z.uuid(),
  sessionId: z.uuid(),
  direction: Direction,
  type: MessageType,
  body: z.string(),
  status: MessageStatus.nullable().describe("null for messages that came in"),
  failureReason: z.string().nullable().describe("a SendFailure, or in English what kept going wrong"),
  media: MessageMedia.nullable(),
  missingMedia: MissingMedia.optional().describe("only of a message whose file is not here; `media` is null then"),
  content: MessageContent.optional().describe("of a location, of contact cards, of a poll"),
  quoted: QuotedMessage.optional().describe("of an answer to one message: that one, as it is now"),
  changes: z
    .object({ messageId: z.uuid(), change: MessageChange })
    .optional()
    .describe("only of what is no message itself but was queued to change that one"),
  reactions: z.array(Reaction),
  editedAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
  sourceOrder: z.string().describe("sorts the messages of a chat, as plain text"),
  timestamp: Timestamp,
  version: z.number().int(),
});
export type Message = z.infer<typeof Message>;

export const Chat = z.object({
  id: z.uuid(),
  sessionId: z.uuid(),
  waChatId: z.string(),
  client: Client,
  unreadCount: z.number().int(),
  lastMessage: z
    .object({
      id: z.uuid(),
      direction: Direction,
      type: MessageType,
      body: z.string(),
      revokedAt: Timestamp.nullable().optional().describe("of what was deleted"),
      timestamp: Timestamp,
    })
    .nullable(),
  version: z.number().int(),
});
export type Chat = z.infer<typeof Chat>;

export const RealtimeTicket = z.object({
  ticket: z.string(),
  expiresAt: Timestamp,
  cursor: Cursor.describe("position of the log before this answer: connect with `since` = it"),
});
export type RealtimeTicket = z.infer<typeof RealtimeTicket>;

/** R13: connections of the caller's company, over all gateways. */
export const RealtimeStats = z.object({
  totalConnections: z.number().int(),
  connections: z.array(z.object({ id: z.string(), companyId: z.uuid(), userId: z.uuid(), connected: Timestamp })),
  next: z.string().nullable().describe("null on the last page"),
});
export type RealtimeStats = z.infer<typeof RealtimeStats>;

export const KeySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal("OKP"),
      crv: z.literal("Ed25519"),
      x: z.string(),
      kid: z.string(),
      alg: z.literal("EdDSA"),
      use: z.literal("sig"),
    }),
  ),
});
export type KeySet = z.infer<typeof KeySet>;

/** What a process says of itself; `checks` names what is wrong. */
export const HealthAnswer = z.object({
  status: z.enum(["ok", "unavailable"]),
  checks: z.record(z.string(), z.string()).optional(),
});

/** RFC 9457. `type` is a stable relative reference; `errors` names each bad field. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
