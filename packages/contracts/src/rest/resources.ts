import { z } from "zod";
import { Reaction } from "../events/message-parts.ts";
import { Cursor } from "../frames.ts";
import { Mentions, MessageContent, MessageContext, Participant } from "../message-content.ts";
import {
  Direction,
  EngineName,
  Language,
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
import { Client } from "./inbox/clients.ts";
import { ChatGroup } from "./inbox/groups.ts";

/** The signed-in user. */
export const Me = z.object({
  userId: z.uuid(),
  companyId: z.uuid(),
  companyName: z.string(),
  name: z.string(),
  email: z.email(),
  role: Role,
  language: Language,
  pictureId: z.uuid().nullable().describe("changes with the picture; see `getUserPicture`"),
});
export type Me = z.infer<typeof Me>;

/** A phone number that is linked or can be linked. */
export const Session = z.object({
  id: z.uuid(),
  name: z.string(),
  engine: EngineName,
  status: SessionStatus,
  detail: SessionDetail,
  reason: z.string().nullable().describe("a SessionReason; a newer connector may send other values"),
  phoneNumber: z.string().nullable(),
  groupsEnabled: z.boolean().describe("true: the session receives and sends messages of groups"),
  version: z.number().int(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Session = z.infer<typeof Session>;

/** A change of a session's state. */
export const SessionTransition = z.object({
  detail: SessionDetail,
  reason: z.string().nullable().describe("a SessionReason; a newer connector may send other values"),
  generation: z
    .number()
    .int()
    .nullable()
    .describe("lease generation of the connector; null: no connector held the lease"),
  occurredAt: Timestamp,
});

/** A session with its owner, health and history. */
export const SessionDetails = Session.extend({
  owner: z.string().nullable().describe("connector that runs the session"),
  generation: z.number().int().describe("lease generation: how often a connector claimed the session"),
  lastEventAt: Timestamp.nullable().describe("last event of the engine"),
  restarts: z.number().int().describe("engine restarts since the current owner claimed the session"),
  memoryBytes: z.number().int().nullable().describe("memory of the engine's processes; null if the engine has none"),
  recovery: z
    .object({
      since: Timestamp.describe("messages since this time may be missing"),
      chats: z.number().int().nullable().describe("chats to read; null before they are listed"),
      chatsDone: z.number().int(),
      facts: z.number().int().describe("messages and changes that were read and stored"),
    })
    .nullable()
    .describe("recovery of missed messages in progress; null: nothing is missing"),
  history: z.array(SessionTransition).describe("last 20 state changes, newest first"),
});
export type SessionDetails = z.infer<typeof SessionDetails>;

/** Unread messages in all chats within the caller's reach. Of a group without `notifyAll`, only mentions count. */
export const InboxCounts = z.object({
  unreadChats: z.number().int(),
  unreadMessages: z.number().int(),
});
export type InboxCounts = z.infer<typeof InboxCounts>;

/** The current QR code. */
export const SessionQr = z.object({
  sessionId: z.uuid(),
  qrCode: z.string(),
  expiresAt: Timestamp,
  attempt: z.number().int(),
});
export type SessionQr = z.infer<typeof SessionQr>;

/** The current pairing code. */
export const SessionPairingCode = z.object({
  sessionId: z.uuid(),
  pairingCode: PairingCode,
  phoneNumber: WhatsAppNumber,
  expiresAt: Timestamp,
  attempt: z.number().int(),
});
export type SessionPairingCode = z.infer<typeof SessionPairingCode>;

const Budget = z.object({
  limit: z.number().int().nullable().describe("null: no limit"),
  used: z.number().int(),
  remaining: z.number().int().nullable().describe("null: no limit"),
  resetsAt: Timestamp.nullable().describe("when a used-up budget has room again"),
});

/** Send limits of a session and their current state. */
export const SessionPacing = z.object({
  sessionId: z.uuid(),
  state: PacingState,
  cause: PacingCause.nullable().describe("null while sending is not limited"),
  resetsAt: Timestamp.nullable().describe("when sending resumes"),
  nextAllowedAt: Timestamp.nullable().describe("earliest time of the next send; null: now"),
  waiting: z.number().int().describe("queued messages"),
  hourly: Budget.describe("messages whose sending started within the last hour"),
  cold: Budget.describe("clients written to within the last day who never wrote to this number"),
  breaker: z.object({
    state: z
      .enum(["closed", "open", "half_open"])
      .describe("circuit breaker; open: no sends; half_open: one trial send"),
    failures: z.number().int().describe("consecutive failures; an accepted message resets them"),
    retryAt: Timestamp.nullable(),
    reason: z.string().nullable().describe("last failure, in English"),
  }),
});
export type SessionPacing = z.infer<typeof SessionPacing>;

export const MessageMedia = z.object({
  id: z.uuid(),
  mimeType: z.string(),
  fileName: z.string().nullable(),
  size: z.number().int(),
});

/** An uploaded file that messages can reference. */
export const UploadedFile = MessageMedia.extend({
  as: SentFileKind.describe("default kind when the file is sent"),
});
export type UploadedFile = z.infer<typeof UploadedFile>;

/** A URL that gives access to one file for a few minutes without further credentials. Treat it as a secret. */
export const MediaLink = z.object({ url: z.string(), expiresAt: Timestamp });
export type MediaLink = z.infer<typeof MediaLink>;

/** The file of a message that is not stored yet (`pending`) or cannot be stored; then only the phone can open it. */
export const MissingMedia = z.object({
  state: MissingMediaState,
  reason: z.string().describe("why the file is missing, in English"),
  mimeType: z.string(),
  fileName: z.string().nullable(),
  size: z.number().int().nullable().describe("bytes, as declared by WhatsApp"),
  limit: z.number().int().nullable().describe("bytes; set if the file exceeds the limit"),
});
export type MissingMedia = z.infer<typeof MissingMedia>;

/** The user who wrote a message. A message of an API key has the key's creator. */
export const Author = z.object({ id: z.uuid(), name: z.string() });
export type Author = z.infer<typeof Author>;

/** The message that another one replies to. The text is cut to a preview. */
export const QuotedMessage = z.object({
  id: z.uuid().nullable().describe("null: the original is not stored; the text is WhatsApp's copy"),
  direction: Direction,
  type: MessageType,
  body: z.string(),
  author: Author.optional(),
  sender: Participant.optional().describe("in a group: the participant who wrote it"),
  revokedAt: Timestamp.nullable().optional().describe("set if the original was deleted"),
});
export type QuotedMessage = z.infer<typeof QuotedMessage>;

export const Message = z.object({
  id: z.uuid(),
  chatId: z.uuid(),
  sessionId: z.uuid(),
  direction: Direction,
  type: MessageType,
  body: z.string(),
  author: Author.optional().describe("the user who wrote it; absent if it was received, or sent on the phone itself"),
  sender: Participant.optional().describe("in a group: the participant who wrote a received message"),
  mentionsUs: z
    .boolean()
    .optional()
    .describe("true: the message mentions the session's number, or everyone in the group"),
  status: MessageStatus.nullable().describe("null for received messages"),
  failureReason: z.string().nullable().describe("a SendFailure, or the last error in English"),
  media: MessageMedia.nullable(),
  missingMedia: MissingMedia.optional().describe("set while the file is not stored; `media` is null then"),
  content: MessageContent.optional().describe("the structured content, by kind; `body` has it as text"),
  context: MessageContext.optional().describe(
    "what surrounds the content: forwarded, view-once, disappearing, ad, mentions",
  ),
  quoted: QuotedMessage.optional().describe("the message that this one replies to, in its current state"),
  changes: z
    .object({ messageId: z.uuid(), change: MessageChange })
    .optional()
    .describe("set if this is a queued change of another message, not a message"),
  reactions: z.array(Reaction),
  editedAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
  sourceOrder: z.string().describe("sort key of the messages of a chat, compared as text"),
  timestamp: Timestamp,
  version: z.number().int(),
});
export type Message = z.infer<typeof Message>;

export const Chat = z.object({
  id: z.uuid(),
  sessionId: z.uuid(),
  waChatId: z.string(),
  client: Client.nullable().describe("null in a group, and only there"),
  group: ChatGroup.nullable().describe("null: a chat with a client"),
  unreadCount: z.number().int(),
  lastMessage: z
    .object({
      id: z.uuid(),
      direction: Direction,
      type: MessageType,
      body: z.string(),
      author: Author.optional(),
      sender: Participant.optional().describe("in a group: the participant who wrote it"),
      mentions: Mentions.optional(),
      revokedAt: Timestamp.nullable().optional().describe("set if the message was deleted"),
      timestamp: Timestamp,
    })
    .nullable(),
  version: z.number().int(),
});
export type Chat = z.infer<typeof Chat>;

export const RealtimeTicket = z.object({
  ticket: z.string(),
  expiresAt: Timestamp,
  cursor: Cursor.describe("log position before this answer; connect with it as `since`"),
});
export type RealtimeTicket = z.infer<typeof RealtimeTicket>;

/** Open connections of a company on all gateways. */
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

/** Health of a process. `checks` names the failed checks. */
export const HealthAnswer = z.object({
  status: z.enum(["ok", "unavailable"]),
  checks: z.record(z.string(), z.string()).optional(),
});

/** Error answer (RFC 9457). `type` is a stable relative reference; `errors` lists the invalid fields. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  expired: z
    .object({
      events: z.number().int().describe("how many events of the company the consumer has missed"),
      oldestCursor: z.string().describe("seek to it to continue with the oldest event that is kept"),
      oldestAt: Timestamp.nullable().describe("when that event was published; null: none is kept"),
    })
    .optional()
    .describe("only with `/problems/events-expired`"),
});
export type Problem = z.infer<typeof Problem>;
