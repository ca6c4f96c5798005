import { previewLength } from "../../rows/rows.ts";

/** A chat with its client and its last message, from the chats that `source` names. */
export const chatsOf = (source: string): string => `
  select ch.id, ch.session_id, ch.wa_chat_id, ch.unread_count, ch.last_message_order, ch.version,
    cl.id as client_id, cl.name as client_name, cl.whatsapp_number as client_whatsapp_number,
    cl.picture_media_id as client_picture_media_id, cl.last_contact_at as client_last_contact_at,
    cl.version as client_version,
    m.id as last_id, m.direction as last_direction, m.type as last_type, m.occurred_at as last_occurred_at,
    m.revoked_at as last_revoked_at,
    left(m.body, ${previewLength}) as last_body
  from ${source} ch
  join clients cl on cl.company_id = ch.company_id and cl.id = ch.client_id
  left join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id`;
