import {
  type Chat,
  type Client,
  Direction,
  EngineName,
  type Message,
  type MessageChange,
  type MessageContent,
  MessageStatus,
  MessageType,
  type MissingMedia,
  type Session,
  type SessionDetail,
  sessionStatusOf,
} from "@syszap/contracts";
import { shorten } from "../sql/storable-text.ts";

/** Longest `Body` of a chat's last message in `chat_update`. */
export const previewLength = 200;

const iso = (date: Date | null) => date?.toISOString() ?? null;

export interface SessionRow {
  id: string;
  name: string;
  engine: string;
  detail: SessionDetail;
  reason: string | null;
  phone_number: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}
export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  name: row.name,
  engine: EngineName.parse(row.engine),
  status: sessionStatusOf(row.detail),
  detail: row.detail,
  reason: row.reason,
  phoneNumber: row.phone_number,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

export interface ClientRow {
  id: string;
  name: string | null;
  whatsapp_number: string;
  picture_media_id: string | null;
  last_contact_at: Date | null;
  version: number;
}
/** A client without a name is shown by the number. */
export const toClient = (row: ClientRow): Client => ({
  id: row.id,
  name: row.name ?? row.whatsapp_number,
  whatsappNumber: row.whatsapp_number,
  profilePictureUrl: row.picture_media_id && `/v1/media/${row.picture_media_id}`,
  lastContactAt: iso(row.last_contact_at),
  version: row.version,
});

/** As stored: an empty emoji stays, so that a late older reaction can't come back. */
export interface StoredReaction {
  emoji: string;
  from: "client" | "company";
  atMs: number;
}
export interface MessageRow {
  id: string;
  chat_id: string;
  session_id: string;
  direction: number;
  type: number;
  body: string;
  status: string | null;
  status_at_ms: string;
  failure_reason: string | null;
  reactions: StoredReaction[];
  edited_at: Date | null;
  revoked_at: Date | null;
  source_order: string;
  occurred_at: Date;
  version: number;
  media_id: string | null;
  media_mime_type: string | null;
  media_file_name: string | null;
  media_size: string | null;
  missing_media: MissingMedia | null;
  content: MessageContent | null;
  /** Of an answer, where the statement reads what it answers. */
  quoted_message_id?: string | null;
  quoted_direction?: number | null;
  quoted_type?: number | null;
  quoted_body?: string | null;
  change?: MessageChange | null;
  changes_message_id?: string | null;
}
export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  chatId: row.chat_id,
  sessionId: row.session_id,
  direction: Direction.parse(row.direction),
  type: MessageType.parse(row.type),
  body: row.body,
  status: MessageStatus.nullable().parse(row.status),
  failureReason: row.failure_reason,
  media: row.media_id && row.media_mime_type ? toMedia(row.media_id, row.media_mime_type, row) : null,
  ...(row.missing_media && { missingMedia: row.missing_media }),
  ...(row.content && { content: row.content }),
  ...quotedOf(row),
  ...(row.change && row.changes_message_id && { changes: { messageId: row.changes_message_id, change: row.change } }),
  reactions: row.reactions.filter(({ emoji }) => emoji !== "").map(({ emoji, from }) => ({ Emoji: emoji, From: from })),
  editedAt: iso(row.edited_at),
  revokedAt: iso(row.revoked_at),
  sourceOrder: row.source_order,
  timestamp: row.occurred_at.toISOString(),
  version: row.version,
});
function quotedOf({ quoted_message_id: id, quoted_direction, quoted_type, quoted_body }: MessageRow) {
  if (!id || typeof quoted_direction !== "number") return {};
  const body = shorten(quoted_body ?? "", previewLength);
  return { quoted: { id, direction: Direction.parse(quoted_direction), type: MessageType.parse(quoted_type), body } };
}
const toMedia = (id: string, mimeType: string, row: MessageRow) => ({
  id,
  mimeType,
  fileName: row.media_file_name,
  size: Number(row.media_size),
});

export interface ChatRow {
  id: string;
  session_id: string;
  wa_chat_id: string;
  unread_count: number;
  last_message_order: string;
  version: number;
  client_id: string;
  client_name: string | null;
  client_whatsapp_number: string;
  client_picture_media_id: string | null;
  client_last_contact_at: Date | null;
  client_version: number;
  last_id: string | null;
  last_direction: number | null;
  last_type: number | null;
  last_body: string | null;
  last_occurred_at: Date | null;
  last_revoked_at: Date | null;
}
export const toChat = (row: ChatRow): Chat => ({
  id: row.id,
  sessionId: row.session_id,
  waChatId: row.wa_chat_id,
  client: toClient({
    id: row.client_id,
    name: row.client_name,
    whatsapp_number: row.client_whatsapp_number,
    picture_media_id: row.client_picture_media_id,
    last_contact_at: row.client_last_contact_at,
    version: row.client_version,
  }),
  unreadCount: row.unread_count,
  lastMessage:
    row.last_id && row.last_occurred_at
      ? {
          id: row.last_id,
          direction: Direction.parse(row.last_direction),
          type: MessageType.parse(row.last_type),
          body: shorten(row.last_body ?? "", previewLength),
          revokedAt: iso(row.last_revoked_at),
          timestamp: row.last_occurred_at.toISOString(),
        }
      : null,
  version: row.version,
});
