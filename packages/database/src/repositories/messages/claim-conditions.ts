import { messageType } from "@syszap/contracts";

// SQL conditions on a queued message with the alias `q`.

/**
 * No client wrote in this chat, which is not a group, and no other first message was sent in it within a day. WhatsApp's own
 * notes do not count.
 */
export const isCold = `(not exists (select from messages i
    where i.company_id = q.company_id and i.chat_id = q.chat_id and i.direction = 0 and i.type <> ${messageType.system})
  and exists (select from chats ch where ch.company_id = q.company_id and ch.id = q.chat_id and ch.client_id is not null)
  and not exists (select from session_sends s where s.company_id = q.company_id and s.session_id = q.session_id
    and s.chat_id = q.chat_id and s.is_cold and s.sent_at > statement_timestamp() - interval '1 day'))`;

/** Counted towards the budgets within the hour. A message that is queued again later needs room in the budgets once more. */
export const isBegun = `exists (select from session_sends b where b.company_id = q.company_id and b.session_id = q.session_id
  and b.message_id = q.id and b.sent_at > statement_timestamp() - interval '1 hour')`;

/** No older message of its chat is queued: a chat's messages are sent in order. */
export const isFirstOfItsChat = `not exists (select from messages o
  where o.company_id = q.company_id and o.session_id = q.session_id and o.status = 'queued' and o.chat_id = q.chat_id
    and (o.source_order, o.id) < (q.source_order, q.id))`;
