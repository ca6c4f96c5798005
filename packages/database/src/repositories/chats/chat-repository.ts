import type { Chat, InboxCounts, Message, Page } from "@syszap/contracts";
import { chatIdOf } from "../../sql/chat-ids.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { isReached, type Scope } from "../../sql/query.ts";
import { searchPatterns } from "../../sql/search-patterns.ts";
import { lastOrderAt } from "../../sql/source-order.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { ClientResolver } from "../clients/client-resolver.ts";
import { identityOfChat } from "../clients/identity-plan.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";
import { type ChatRow, chatsOf, toChat } from "./chat-row.ts";

/** The source order of the last message; empty for a chat without messages. */
const lastMessageKey = /^(\d{15}-\d{10}-\d{12})?$/;
/** The chat has this id, or it is with the client whose number or LID the id contains: a chat has one of several ids. */
const isNamed = `(wa_chat_id = :waChatId or client_id = (
  select client_id from client_identities where company_id = :companyId and kind = :kind and value = :value))`;

/** The company's chats: reading them, opening them, marking them as read. See `ChatRecorder` for storing messages. */
export class ChatRepository {
  constructor(private readonly scope: Scope) {}

  /** The id of a chat that was merged away finds the chat that holds its messages now, with that chat's own id. */
  async find(id: string): Promise<Chat | undefined> {
    const row = await this.scope.row<ChatRow>(
      `with recursive heirs as (
         select id, merged_into from chats where company_id = :companyId and id = :id
         union select c.id, c.merged_into from heirs join chats c on c.company_id = :companyId and c.id = heirs.merged_into
       ) ${chatsOf("chats")} where ch.company_id = :companyId and ch.merged_into is null and ch.id in (select id from heirs)
         and ${isReached("ch.session_id")}`,
      { id },
    );
    return row && toChat(row);
  }

  /** Finds the chat of a session event that does not name the client, such as typing. */
  async findByWaChatId(sessionId: string, waChatId: string): Promise<Chat | undefined> {
    const row = await this.scope.row<ChatRow>(
      `with named as (
         select * from chats where company_id = :companyId and session_id = :sessionId and ${isNamed} and merged_into is null
         order by wa_chat_id = :waChatId desc, last_message_order desc limit 1
       ) ${chatsOf("named")}`,
      { sessionId, waChatId, ...identityOfChat(waChatId) },
    );
    return row && toChat(row);
  }

  /** Sorted by last message, newest first. `search` matches parts of the client's name or number, or of the group's subject. */
  async list(page: { before?: string | undefined; limit: number; search?: string | undefined }): Promise<Page<Chat>> {
    const before = fromPageKey(page.before, lastMessageKey);
    const rows = await this.scope.rows<ChatRow>(
      `with found as (
         select c.* from search_chats(:companyId, :name, :number, :beforeOrder, :beforeId, :limit, :reachedSessions::uuid[]) hit (id)
         join chats c on c.company_id = :companyId and c.id = hit.id
       ) ${chatsOf("found")} order by ch.last_message_order desc, ch.id desc`,
      {
        ...searchPatterns(page.search),
        beforeOrder: before?.value ?? null,
        beforeId: before?.id ?? null,
        limit: page.limit + 1,
      },
    );
    return toPage(rows, page.limit, {
      item: toChat,
      key: (row) => ({ value: row.last_message_order, id: row.id }),
    });
  }

  /**
   * Counts what is unread in all chats that the person sees: of a group, mentions only, unless all its messages are to be
   * notified.
   */
  counts(): Promise<InboxCounts> {
    return this.scope.one<InboxCounts>(
      `select count(*)::int as "unreadChats", coalesce(sum(shown.unread), 0)::int as "unreadMessages"
       from chats ch left join chat_groups g on g.company_id = ch.company_id and g.chat_id = ch.id
         cross join lateral (
           select case when ch.client_id is null and not g.notify_all then ch.unread_mentions else ch.unread_count end as unread
         ) shown
       where ch.company_id = :companyId and ch.unread_count > 0 and shown.unread > 0 and ch.merged_into is null
         and ${isReached("ch.session_id")}`,
    );
  }

  /**
   * Returns the chat with a number, and creates it if there is none. An unknown number stays invisible, as one that only has a name,
   * until the first message makes it a client. Undefined when the session is outside the person's reach.
   */
  async open(chat: { sessionId: string; number: string; name: string | null }): Promise<Chat | undefined> {
    if (!this.scope.isReached(chat.sessionId)) return undefined;
    const { id: clientId } = await new ClientResolver(this.scope).lock(chat);
    const { id } = await this.scope.one<{ id: string }>(
      `with named as (
         update clients set name = :name where company_id = :companyId and id = :clientId
           and name is null and registered_at is null
       )
       insert into chats as ch (company_id, session_id, wa_chat_id, client_id)
       values (:companyId, :sessionId, :number || case when exists (
         select from client_identities where company_id = :companyId and kind = 'lid' and value = :number and client_id = :clientId
       ) then '@lid' else '@c.us' end, :clientId)
       on conflict (company_id, session_id, client_id) do update set wa_chat_id = ch.wa_chat_id returning id`,
      {
        sessionId: chat.sessionId,
        clientId,
        name: chat.name === null ? null : toStorableText(chat.name),
        number: chat.number,
      },
    );
    return this.find(id);
  }

  /** Also finds a chat that was merged into another one. Throws when there is no such row. */
  async getIncludingMerged(id: string): Promise<Chat> {
    const sql = `${chatsOf("chats")} where ch.company_id = :companyId and ch.id = :id`;
    return toChat(await this.scope.one<ChatRow>(sql, { id }));
  }

  /** Raises the chat's version after its last message was edited or deleted. Undefined when another message is the last one. */
  async refreshLastMessage(message: Message): Promise<Chat | undefined> {
    const row = await this.scope.row<ChatRow>(
      `with changed as (
         update chats set version = version + 1, updated_at = now()
         where company_id = :companyId and id = :chatId and last_message_id = :messageId
         returning *
       ) ${chatsOf("changed")}`,
      { chatId: message.chatId, messageId: message.id },
    );
    return row && toChat(row);
  }

  /**
   * Marks the messages up to WhatsApp's time `atMs` as read, also those that are stored later. Undefined when there is no such chat,
   * or it has no unread message.
   */
  async markReadUntil(chat: { sessionId: string; waChatId: string }, atMs: number): Promise<Chat | undefined> {
    const row = await this.scope.row<ChatRow>(
      `with target as (
         select id, unread_count from chats where company_id = :companyId and session_id = :sessionId
           and ${isNamed} and merged_into is null and read_order < :order
         order by wa_chat_id = :waChatId desc, last_message_order desc limit 1 for no key update
       ), changed as (
         update chats c set read_order = :order, unread_count = least(c.unread_count, (
             select count(*) from messages m where m.company_id = c.company_id and m.chat_id = c.id
               and ${countsAsUnread("m")} and m.source_order > :order)),
           unread_mentions = case when c.unread_mentions > 0 then least(c.unread_mentions, (
             select count(*) from messages m where m.company_id = c.company_id and m.chat_id = c.id and m.mentions_us
               and ${countsAsUnread("m")} and m.source_order > :order)) else 0 end,
           version = c.version + sign(target.unread_count)::int, updated_at = now()
         from target where c.company_id = :companyId and c.id = target.id
         returning c.*, target.unread_count > 0 as was_unread
       ), shown as (
         select * from changed where was_unread
       ) ${chatsOf("shown")}`,
      { ...chat, ...identityOfChat(chat.waChatId), order: lastOrderAt(atMs) },
    );
    return row && toChat(row);
  }

  /** All ids by which WhatsApp may name the session's chats that have unread messages. */
  async unreadIdsOf(sessionId: string): Promise<ReadonlySet<string>> {
    const rows = await this.scope.rows<{ id: string }>(
      `with unread as (
         select wa_chat_id, client_id from chats where company_id = :companyId and session_id = :sessionId
           and unread_count > 0 and merged_into is null
       )
       select wa_chat_id as id from unread
       union select ${chatIdOf("i.kind", "i.value")}
       from unread u join client_identities i on i.company_id = :companyId and i.client_id = u.client_id`,
      { sessionId },
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Undefined when there is no such chat, or it has no unread message. */
  async markRead(id: string): Promise<Chat | undefined> {
    const row = await this.scope.row<ChatRow>(
      `with changed as (
         update chats set unread_count = 0, unread_mentions = 0, read_order = greatest(read_order, last_message_order), version = version + 1,
           updated_at = now()
         where company_id = :companyId and id = :id and unread_count > 0 and ${isReached("session_id")}
         returning *
       ) ${chatsOf("changed")}`,
      { id },
    );
    return row && toChat(row);
  }
}
