import { type Chat, type Message, previewLength } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { shorten } from "../../sql/storable-text.ts";
import { countsAsUnread } from "../messages/unread-conditions.ts";
import { withoutLid } from "../names/participant.ts";
import { type ChatRow, chatsOf, toChat } from "./chat-row.ts";

export interface RecordedMessage {
  message: Message;
  /** True for a message from before the phone was linked; it does not count as unread. */
  isHistory?: boolean;
}
/** A chat's row while it is locked, until the transaction ends. */
export type LockedChat = Readonly<ChatRow>;
/** The keys come from `chatKeyOf`. */
export type KnownChats = ReadonlyMap<string, LockedChat>;
export interface ChatKey {
  sessionId: string;
  waChatId: string;
  /** Absent: a group. */
  clientId?: string | null | undefined;
}
interface ClientChatKey extends ChatKey {
  clientId: string;
}

/** A session has one chat with each client, so the two ids name a chat. WhatsApp's id of a group does not change. */
export const chatKeyOf = ({ sessionId, waChatId, clientId }: ChatKey): string => `${sessionId} ${clientId ?? waChatId}`;

/** Updates chats for stored messages: last message, unread count, version. Works on many chats in few statements. */
export class ChatRecorder {
  constructor(private readonly scope: Scope) {}

  /** Locks the chats that exist until the transaction ends, and returns them. */
  async lockAll(keys: readonly ChatKey[]): Promise<KnownChats> {
    const { clients, groups } = sortedByKind(keys);
    const locking: Promise<ChatRow[]>[] = [];
    if (clients.length > 0) locking.push(this.scope.prepared.rows<ChatRow>(lockChatsOfClients, bindingsOf(clients)));
    if (groups.length > 0) locking.push(this.scope.prepared.rows<ChatRow>(lockChatsOfGroups, bindingsOf(groups)));
    const rows = (await Promise.all(locking)).flat();
    return new Map(rows.map((row) => [chatKeyOf(keyOfRow(row)), row]));
  }

  /**
   * Creates the chats that `known`, from `lockAll`, does not have, and returns all of them, locked. WhatsApp's own id of a chat
   * may change (LID migration); the newest id is stored.
   */
  async completeAll(keys: readonly ChatKey[], known: KnownChats): Promise<KnownChats> {
    const isKnown = (key: ChatKey) => known.get(chatKeyOf(key))?.wa_chat_id === key.waChatId;
    if (keys.every(isKnown)) return known;
    const { clients, groups } = sortedByKind(keys);
    if (clients.length > 0) this.scope.prepared.send(addChatsOfClients, bindingsOf(clients));
    if (groups.length > 0) this.scope.prepared.send(addChatsOfGroups, bindingsOf(groups));
    return this.lockAll(keys);
  }

  /** Locks one chat, creates it if necessary, and returns it. */
  async upsert(key: ChatKey): Promise<Chat> {
    const chats = await this.completeAll([key], await this.lockAll([key]));
    const chat = chats.get(chatKeyOf(key));
    if (!chat) throw new Error("a chat that was just created is missing");
    return toChat(chat);
  }

  /**
   * Updates the chats of stored messages; call it once for each message. Returns the message's chat after each of them. The last
   * message is the last by source order, whatever the order of arrival. An incoming message counts as unread if it is later in
   * source order than the last answer or reading, unless it is history. A note of WhatsApp changes nothing. `locked` passes the rows from `completeAll`, if nothing has
   * changed them since.
   */
  async recordAll(recorded: readonly RecordedMessage[], locked?: Iterable<LockedChat>): Promise<Chat[]> {
    if (recorded.length === 0) return [];
    const found = locked ?? (await lockById(this.scope, recorded));
    const rows = new Map([...found].map((row) => [row.id, row]));
    const before = new Map(rows);
    const chats: Chat[] = [];
    for (const [index, each] of recorded.entries()) {
      const row = rows.get(each.message.chatId);
      if (!row) throw new Error("the chat of a stored message is missing");
      if (each.message.content?.note) {
        chats.push(toChat(row));
        continue;
      }
      const unreadAfter = isAnswer(each, row)
        ? await this.countAfter(each.message, row, recorded.slice(index + 1))
        : null;
      const next = withMessage(row, each, unreadAfter);
      rows.set(row.id, next);
      chats.push(toChat(next));
    }
    const changed = [...rows.values()].filter((row) => before.get(row.id) !== row);
    save(this.scope, changed);
    return chats;
  }

  /** Number of incoming messages after this one by source order, without those that are recorded later. */
  private async countAfter(
    { chatId, sourceOrder }: Message,
    row: LockedChat,
    later: readonly RecordedMessage[],
  ): Promise<Unread> {
    if (sourceOrder >= row.last_message_order) return { messages: 0, mentions: 0 };
    return this.scope.one<Unread>(
      `select count(*)::int as messages, (count(*) filter (where m.mentions_us))::int as mentions from messages m
       where m.company_id = :companyId and m.chat_id = :chatId and ${countsAsUnread("m")}
         and m.source_order > :sourceOrder and not m.id = any(:later::uuid[])`,
      { chatId, sourceOrder, later: later.map(({ message }) => message.id) },
    );
  }

  /** Updates the chat of one message. */
  async recordMessage(message: Message, options: { isHistory?: boolean } = {}): Promise<Chat> {
    const [chat] = await this.recordAll([{ message, ...options }]);
    if (!chat) throw new Error("a message was not recorded");
    return chat;
  }
}

interface Unread {
  messages: number;
  mentions: number;
}

const clientKeys = "unnest(:sessionIds::uuid[], :clientIds::uuid[], :waChatIds::text[])";
const groupKeys = "unnest(:sessionIds::uuid[], :waChatIds::text[])";

const lockChatsOfClients = `
  ${chatsOf("chats")} where ch.company_id = :companyId and (ch.session_id, ch.client_id) in (
    select n.session_id, n.client_id from ${clientKeys} n (session_id, client_id, wa_chat_id)
  ) order by ch.session_id, ch.client_id for no key update of ch`;
const lockChatsOfGroups = `
  ${chatsOf("chats")} where ch.company_id = :companyId and ch.client_id is null
    and (ch.session_id, ch.wa_chat_id) in (select * from ${groupKeys})
  order by ch.session_id, ch.wa_chat_id collate "C" for no key update of ch`;
const addChatsOfClients = `
  insert into chats as c (company_id, session_id, client_id, wa_chat_id) select :companyId, * from ${clientKeys}
  on conflict (company_id, session_id, client_id) do update
    set wa_chat_id = excluded.wa_chat_id, version = c.version + 1 where c.wa_chat_id <> excluded.wa_chat_id`;
const addChatsOfGroups = `
  with added as (
    insert into chats (company_id, session_id, wa_chat_id) select :companyId, * from ${groupKeys}
    on conflict do nothing returning id, session_id
  )
  insert into chat_groups (company_id, chat_id, session_id) select :companyId, id, session_id from added`;

/** Chats of clients are locked before those of groups. Each once, with the last WhatsApp id given for it, in a fixed order. */
function sortedByKind(keys: readonly ChatKey[]): { clients: ClientChatKey[]; groups: ChatKey[] } {
  const wanted = new Map(keys.map((key) => [chatKeyOf(key), key]));
  const sorted = [...wanted].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
  const isOfClient = (key: ChatKey): key is ClientChatKey => typeof key.clientId === "string";
  return { clients: sorted.filter(isOfClient), groups: sorted.filter((key) => !isOfClient(key)) };
}

const bindingsOf = (keys: readonly ChatKey[]) => ({
  sessionIds: keys.map(({ sessionId }) => sessionId),
  clientIds: keys.map(({ clientId }) => clientId ?? null),
  waChatIds: keys.map(({ waChatId }) => waChatId),
});

const keyOfRow = (row: ChatRow): ChatKey => ({
  sessionId: row.session_id,
  waChatId: row.wa_chat_id,
  clientId: row.client_id,
});

function lockById(scope: Scope, recorded: readonly RecordedMessage[]): Promise<ChatRow[]> {
  const ids = [...new Set(recorded.map(({ message }) => message.chatId))];
  return scope.rows<ChatRow>(
    `${chatsOf("chats")} where ch.company_id = :companyId and ch.id = any(:ids::uuid[]) order by ch.id for no key update of ch`,
    { ids },
  );
}

/** History and messages before the last answer or reading leave the unread count unchanged. */
const changesUnread = ({ message, isHistory }: RecordedMessage, row: LockedChat) =>
  !isHistory && message.sourceOrder > row.read_order;

/** An outgoing message, from the phone or from here, answers everything before it. */
const isAnswer = (recorded: RecordedMessage, row: LockedChat) =>
  recorded.message.direction === 1 && changesUnread(recorded, row);

/** `unreadAfter`: what is unread after the message if it is an answer, else null. */
function withMessage(row: LockedChat, recorded: RecordedMessage, unreadAfter: Unread | null): ChatRow {
  const { message } = recorded;
  const isUnread = message.direction === 0 && changesUnread(recorded, row);
  return {
    ...row,
    ...(isUnread && { unread_count: row.unread_count + 1 }),
    ...(isUnread && message.mentionsUs && { unread_mentions: row.unread_mentions + 1 }),
    ...(unreadAfter !== null && {
      unread_count: Math.min(row.unread_count, unreadAfter.messages),
      unread_mentions: Math.min(row.unread_mentions, unreadAfter.mentions),
      read_order: message.sourceOrder,
    }),
    version: row.version + 1,
    ...(row.last_message_order < message.sourceOrder && {
      last_message_order: message.sourceOrder,
      last_id: message.id,
      last_direction: message.direction,
      last_type: message.type,
      last_body: shorten(message.body, previewLength),
      last_author_id: message.author?.id ?? null,
      last_author_name: message.author?.name ?? null,
      last_sender: message.sender ? withoutLid(message.sender) : null,
      last_mentions: message.context?.mentions ?? null,
      last_occurred_at: new Date(message.timestamp),
      last_revoked_at: message.revokedAt === null ? null : new Date(message.revokedAt),
    }),
  };
}

function save(scope: Scope, rows: readonly ChatRow[]): void {
  scope.prepared.send(
    `update chats c set unread_count = n.unread_count, unread_mentions = n.unread_mentions, read_order = n.read_order, last_message_id = n.last_id,
       last_message_order = n.last_message_order, version = n.version, updated_at = now()
     from json_to_recordset(:rows::json) n
       (id uuid, unread_count integer, unread_mentions integer, read_order text, last_id uuid, last_message_order text, version integer)
     where c.company_id = :companyId and c.id = n.id`,
    { rows: JSON.stringify(rows) },
  );
}
