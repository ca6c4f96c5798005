import { type Chat, Direction, MessageType, previewLength } from "@syszap/contracts";
import { shorten } from "../../sql/storable-text.ts";
import { isoOf } from "../../sql/timestamps.ts";
import { toClient } from "../clients/client-row.ts";
import { authorNameOf, authorOf } from "../messages/author.ts";

export interface ChatRow {
  id: string;
  session_id: string;
  wa_chat_id: string;
  unread_count: number;
  last_message_order: string;
  read_order: string;
  version: number;
  client_id: string;
  client_name: string | null;
  client_whatsapp_number: string;
  client_username: string | null;
  client_picture_media_id: string | null;
  client_last_contact_at: Date | null;
  client_version: number;
  last_id: string | null;
  last_direction: number | null;
  last_type: number | null;
  last_body: string | null;
  last_author_id: string | null;
  last_author_name: string | null;
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
    username: row.client_username,
    picture_media_id: row.client_picture_media_id,
    last_contact_at: row.client_last_contact_at,
    version: row.client_version,
  }),
  group: null,
  unreadCount: row.unread_count,
  lastMessage:
    row.last_id && row.last_occurred_at
      ? {
          id: row.last_id,
          direction: Direction.parse(row.last_direction),
          type: MessageType.parse(row.last_type),
          body: shorten(row.last_body ?? "", previewLength),
          ...authorOf(row.last_author_id, row.last_author_name),
          revokedAt: isoOf(row.last_revoked_at),
          timestamp: row.last_occurred_at.toISOString(),
        }
      : null,
  version: row.version,
});

/** SQL that reads chats from the table or CTE `source`, with their client and last message. */
export const chatsOf = (source: string): string => `
  select ch.id, ch.session_id, ch.wa_chat_id, ch.unread_count, ch.last_message_order, ch.read_order, ch.version,
    cl.id as client_id, cl.name as client_name, cl.whatsapp_number as client_whatsapp_number, cl.username as client_username,
    cl.picture_media_id as client_picture_media_id, cl.last_contact_at as client_last_contact_at,
    cl.version as client_version,
    m.id as last_id, m.direction as last_direction, m.type as last_type, m.occurred_at as last_occurred_at,
    m.revoked_at as last_revoked_at,
    left(m.body, ${previewLength}) as last_body, m.user_id as last_author_id, ${authorNameOf("m")} as last_author_name
  from ${source} ch
  join clients cl on cl.company_id = ch.company_id and cl.id = ch.client_id
  left join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id`;
