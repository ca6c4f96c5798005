import type { Chat, Message, Page } from "@syszap/contracts";
import { type ChatRow, toChat } from "../../rows/rows.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { searchPatterns } from "../../sql/search-patterns.ts";
import {
  type ChatKey,
  chatKeyOf,
  completeChats,
  type KnownChats,
  type LockedChat,
  lockChats,
  type RecordedMessage,
  recordMessages,
} from "./chat-recorder.ts";
import { chatsOf } from "./chat-row.ts";
import { openChat } from "./open-chat.ts";

/** A message's place, or nothing for a chat without messages. */
const lastMessageKey = /^(\d{15}-\d{10}-\d{12})?$/;

export class ChatRepository {
  constructor(private readonly scope: Scope) {}

  /** By the id of one that was merged away, the chat that holds its messages now, with its own id. */
  async find(id: string): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `with recursive heirs as (
         select id, merged_into from chats where company_id = :companyId and id = :id
         union select c.id, c.merged_into from heirs join chats c on c.company_id = :companyId and c.id = heirs.merged_into
       ) ${chatsOf("chats")} where ch.company_id = :companyId and ch.merged_into is null and ch.id in (select id from heirs)`,
      this.bindings({ id }),
    );
    return row && toChat(row);
  }

  /** For what a session reports of a chat without naming the client (typing). */
  async findByWaChatId(sessionId: string, waChatId: string): Promise<Chat | undefined> {
    const row = await queryRow<ChatRow>(
      this.scope.db,
      `${chatsOf("chats")} where ch.company_id = :companyId and ch.session_id = :sessionId and ch.wa_chat_id = :waChatId
         and ch.merged_into is null
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

  /** As it is then, of one; see `completeAll`. */
  async upsert(chat: ChatKey): Promise<Chat> {
    const known = await this.completeAll([chat], await this.lockAll([chat]));
    const kept = known.get(chatKeyOf(chat.sessionId, chat.clientId));
    if (!kept) throw new Error("a chat that was just begun is not there");
    return toChat(kept);
  }

  /** Those of them that exist, by `chatKeyOf`; nobody else changes them until the transaction ends. */
  lockAll(chats: readonly ChatKey[]): Promise<KnownChats> {
    return lockChats(this.scope, chats);
  }

  /**
   * All of them, begun where `lockAll` did not know them. One chat per session and client; WhatsApp's own id of it may change (LID
   * migration).
   */
  completeAll(chats: readonly ChatKey[], known: KnownChats): Promise<KnownChats> {
    return completeChats(this.scope, chats, known);
  }

  /** As `recordAll`, of one. */
  async recordMessage(message: Message, options: { isHistory?: boolean } = {}): Promise<Chat> {
    const [chat] = await this.recordAll([{ message, ...options }]);
    if (!chat) throw new Error("a message was not recorded");
    return chat;
  }

  /**
   * Call it once for each stored message; answers with its chat after each of them. The last message is the last by source order,
   * whatever comes first; an incoming one counts as unread, also a late one (nobody has seen it), unless it is history. `locked`:
   * the chats of all of them as `completeAll` gave them, when nothing changed them since.
   */
  recordAll(messages: readonly RecordedMessage[], locked?: Iterable<LockedChat>): Promise<Chat[]> {
    return recordMessages(this.scope, messages, locked);
  }

  /** Also one that was merged away. */
  async anyById(id: string): Promise<Chat> {
    const sql = `${chatsOf("chats")} where ch.company_id = :companyId and ch.id = :id`;
    return toChat(await queryOne<ChatRow>(this.scope.db, sql, this.bindings({ id })));
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
