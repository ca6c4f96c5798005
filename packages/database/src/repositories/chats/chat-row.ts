import {
  type Chat,
  type ChatGroup,
  type Client,
  Direction,
  type MessageContext,
  MessageType,
  previewLength,
} from "@syszap/contracts";
import { shorten } from "../../sql/storable-text.ts";
import { isoOf } from "../../sql/timestamps.ts";
import { toClient } from "../clients/client-row.ts";
import { authorNameOf, authorOf } from "../messages/author.ts";
import { type StoredParticipant, senderOf } from "../names/participant.ts";

export interface ChatRow {
  id: string;
  session_id: string;
  wa_chat_id: string;
  unread_count: number;
  last_message_order: string;
  read_order: string;
  unread_mentions: number;
  version: number;
  /** Null in a group. */
  client_id: string | null;
  client_name: string | null;
  client_whatsapp_number: string | null;
  client_username: string | null;
  client_picture_media_id: string | null;
  client_last_contact_at: Date | null;
  client_version: number | null;
  group_subject: string | null;
  group_picture_media_id: string | null;
  group_participant_count: number | null;
  group_is_member: boolean | null;
  group_notify_all: boolean | null;
  last_id: string | null;
  last_direction: number | null;
  last_type: number | null;
  last_body: string | null;
  last_author_id: string | null;
  last_author_name: string | null;
  last_sender: StoredParticipant | null;
  last_mentions: MessageContext["mentions"] | null;
  last_occurred_at: Date | null;
  last_revoked_at: Date | null;
}
export const toChat = (row: ChatRow): Chat => ({
  id: row.id,
  sessionId: row.session_id,
  waChatId: row.wa_chat_id,
  client: clientOf(row),
  group: groupOf(row),
  unreadCount: row.unread_count,
  lastMessage:
    row.last_id && row.last_occurred_at
      ? {
          id: row.last_id,
          direction: Direction.parse(row.last_direction),
          type: MessageType.parse(row.last_type),
          body: shorten(row.last_body ?? "", previewLength),
          ...authorOf(row.last_author_id, row.last_author_name),
          ...senderOf(row.last_sender),
          ...(row.last_mentions && { mentions: row.last_mentions }),
          revokedAt: isoOf(row.last_revoked_at),
          timestamp: row.last_occurred_at.toISOString(),
        }
      : null,
  version: row.version,
});

function clientOf(row: ChatRow): Client | null {
  if (row.client_id === null) return null;
  return toClient({
    id: row.client_id,
    name: row.client_name,
    whatsapp_number: row.client_whatsapp_number ?? "",
    username: row.client_username,
    picture_media_id: row.client_picture_media_id,
    last_contact_at: row.client_last_contact_at,
    version: row.client_version ?? 0,
  });
}

function groupOf(row: ChatRow): ChatGroup | null {
  if (row.client_id !== null) return null;
  return {
    subject: row.group_subject ?? "",
    pictureUrl: row.group_picture_media_id && `/v1/media/${row.group_picture_media_id}`,
    participantCount: row.group_participant_count ?? 0,
    isMember: row.group_is_member ?? true,
    notifyAll: row.group_notify_all ?? false,
    unreadMentions: row.unread_mentions,
  };
}

/** SQL that reads chats from the table or CTE `source`, with their client or group, and their last message. */
export const chatsOf = (source: string): string => `
  select ch.id, ch.session_id, ch.wa_chat_id, ch.unread_count, ch.last_message_order, ch.read_order, ch.unread_mentions, ch.version,
    cl.id as client_id, cl.name as client_name, cl.whatsapp_number as client_whatsapp_number, cl.username as client_username,
    cl.picture_media_id as client_picture_media_id, cl.last_contact_at as client_last_contact_at,
    cl.version as client_version,
    g.subject as group_subject, g.picture_media_id as group_picture_media_id,
    g.participant_count as group_participant_count, g.is_member as group_is_member, g.notify_all as group_notify_all,
    m.id as last_id, m.direction as last_direction, m.type as last_type, m.occurred_at as last_occurred_at,
    m.revoked_at as last_revoked_at,
    left(m.body, ${previewLength}) as last_body, m.user_id as last_author_id, ${authorNameOf("m")} as last_author_name,
    m.sender as last_sender, m.context->'mentions' as last_mentions
  from ${source} ch
  left join chat_groups g on g.company_id = ch.company_id and g.chat_id = ch.id
  left join clients cl on cl.company_id = ch.company_id and cl.id = ch.client_id
  left join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id`;
