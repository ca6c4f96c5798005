import type { Chat, Message, Page } from "@syszap/contracts";
import { fromPageKey, toPage } from "../rows/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../rows/query.ts";
import { type ChatRow, previewLength, toChat } from "../rows/rows.ts";
import { searchPatterns } from "../rows/search-patterns.ts";
import { openChat } from "./open-chat.ts";

/** A chat with its client and its last message, from the chats that `source` names. */
const chatsOf = (source: string) => `
  select ch.id, ch.session_id, ch.wa_chat_id, ch.unread_count, ch.last_message_order, ch.version,
    cl.id as client_id, cl.name as client_name, cl.whatsapp_number as client_whatsapp_number,
    cl.picture_media_id as client_picture_media_id, cl.last_contact_at as client_last_contact_at,
    cl.version as client_version,
    m.id as last_id, m.direction as last_direction, m.type as last_type, m.occurred_at as last_occurred_at,
    left(m.body, ${previewLength}) as last_body
  from ${source} ch
  join clients cl on cl.company_id = ch.company_id and cl.id = ch.client_id
  left join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id`;

/** A message's place, or nothing for a chat without messages. */
const lastMessageKey = /^(\d{15}-\d{10}-\d{12})?$/;

export class ChatRepository {
  constructor(private readonly scope: Scope) {}

  async find(id: string): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `${chatsOf("chats")} where ch.company_id = :companyId and ch.id = :id`,
      this.bindings({ id }),
    );
    return row && toChat(row);
  }

  /** For what a session reports of a chat without naming the client (typing). */
  async findByWaChatId(sessionId: string, waChatId: string): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `${chatsOf("chats")} where ch.company_id = :companyId and ch.session_id = :sessionId and ch.wa_chat_id = :waChatId
       order by ch.last_message_order desc limit 1`,
      this.bindings({ sessionId, waChatId }),
    );
    return row && toChat(row);
  }

  /** Newest message first. `search` finds parts of the client's name or number. */
  async list(page: { before?: string | undefined; limit: number; search?: string | undefined }): Promise<Page<Chat>> {
    const before = fromPageKey(page.before, lastMessageKey);
    const rows = await queryRows<ChatRow>(
      this.scope.db,
      `with found as (
         select c.* from search_chats(:companyId, :name, :number, :beforeOrder, :beforeId, :limit) hit (id)
         join chats c on c.company_id = :companyId and c.id = hit.id
       ) ${chatsOf("found")} order by ch.last_message_order desc, ch.id desc`,
      this.bindings({
        ...searchPatterns(page.search),
        beforeOrder: before?.value ?? null,
        beforeId: before?.id ?? null,
        limit: page.limit + 1,
      }),
    );
    return toPage(rows, page.limit, {
      item: toChat,
      key: (row) => ({ value: row.last_message_order, id: row.id }),
    });
  }

  /** The chat with a number, begun if there is none. */
  async open(chat: { sessionId: string; number: string; name: string | null }): Promise<Chat | undefined> {
    return this.find(await openChat(this.scope, chat));
  }

  /** One chat per session and client; WhatsApp's own id of it may change (LID migration). */
  async upsert(chat: { sessionId: string; waChatId: string; clientId: string }): Promise<Chat> {
    const row = await queryOne<ChatRow>(
      this.scope.db,
      `with kept as (
         insert into chats as c (company_id, session_id, wa_chat_id, client_id)
         values (:companyId, :sessionId, :waChatId, :clientId)
         on conflict (company_id, session_id, client_id) do update
           set wa_chat_id = excluded.wa_chat_id,
             version = c.version + (c.wa_chat_id <> excluded.wa_chat_id)::int
         returning *
       ) ${chatsOf("kept")}`,
      this.bindings(chat),
    );
    return toChat(row);
  }

  /**
   * Call it once for each stored message. The last message is the last by source order, whatever comes first; an incoming one
   * counts as unread, also a late one (nobody has seen it), unless it is history from before the link.
   */
  async recordMessage(message: Message, options: { isHistory?: boolean } = {}): Promise<Chat> {
    const isUnread = message.direction === 0 && !options.isHistory;
    const row = await queryOne<ChatRow>(
      this.scope.db,
      `with changed as (
         update chats set
           unread_count = unread_count + :unread,
           last_message_id = case when last_message_order < :order then :messageId else last_message_id end,
           last_message_order = greatest(last_message_order, :order collate "C"),
           version = version + 1, updated_at = now()
         where company_id = :companyId and id = :chatId
         returning *
       ) ${chatsOf("changed")}`,
      this.bindings({
        chatId: message.chatId,
        messageId: message.id,
        order: message.sourceOrder,
        unread: isUnread ? 1 : 0,
      }),
    );
    return toChat(row);
  }

  /** After an edit or a deletion: undefined unless the message is the one that the list of chats shows. */
  async refreshLastMessage(message: Message): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `with changed as (
         update chats set version = version + 1, updated_at = now()
         where company_id = :companyId and id = :chatId and last_message_id = :messageId
         returning *
       ) ${chatsOf("changed")}`,
      this.bindings({ chatId: message.chatId, messageId: message.id }),
    );
    return row && toChat(row);
  }

  /** Undefined when there is no such chat, or nothing unread in it. */
  async markRead(id: string): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `with changed as (
         update chats set unread_count = 0, version = version + 1, updated_at = now()
         where company_id = :companyId and id = :id and unread_count > 0
         returning *
       ) ${chatsOf("changed")}`,
      this.bindings({ id }),
    );
    return row && toChat(row);
  }

  private bindings<More extends object>(more: More) {
    return { companyId: this.scope.companyId, ...more };
  }
}
