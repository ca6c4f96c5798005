import { type Chat, type Message, previewLength } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { shorten } from "../../sql/storable-text.ts";
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
  clientId: string;
}

/** A session has one chat with each client, so the two ids name a chat. */
export const chatKeyOf = (sessionId: string, clientId: string): string => `${sessionId} ${clientId}`;

/** Updates chats for stored messages: last message, unread count, version. Works on many chats in few statements. */
export class ChatRecorder {
  constructor(private readonly scope: Scope) {}

  /** Locks the chats that exist until the transaction ends, and returns them. */
  async lockAll(keys: readonly ChatKey[]): Promise<KnownChats> {
    const rows = await this.scope.prepared.rows<ChatRow>(
      `${chatsOf("chats")} where ch.company_id = :companyId and (ch.session_id, ch.client_id) in (
         select n.session_id, n.client_id from ${keyValues} n (session_id, client_id, wa_chat_id)
       ) order by ch.session_id, ch.client_id for no key update of ch`,
      bindingsOf(keys),
    );
    return new Map(rows.map((row) => [chatKeyOf(row.session_id, row.client_id), row]));
  }

  /**
   * Creates the chats that `known`, from `lockAll`, does not have, and returns all of them, locked. WhatsApp's own id of a chat
   * may change (LID migration); the newest id is stored.
   */
  async completeAll(keys: readonly ChatKey[], known: KnownChats): Promise<KnownChats> {
    const isKnown = ({ sessionId, clientId, waChatId }: ChatKey) =>
      known.get(chatKeyOf(sessionId, clientId))?.wa_chat_id === waChatId;
    if (keys.every(isKnown)) return known;
    this.scope.prepared.send(
      `insert into chats as c (company_id, session_id, client_id, wa_chat_id) select :companyId, * from ${keyValues}
       on conflict (company_id, session_id, client_id) do update
         set wa_chat_id = excluded.wa_chat_id, version = c.version + 1 where c.wa_chat_id <> excluded.wa_chat_id`,
      bindingsOf(keys),
    );
    return this.lockAll(keys);
  }

  /** Locks one chat, creates it if necessary, and returns it. */
  async upsert(key: ChatKey): Promise<Chat> {
    const chats = await this.completeAll([key], await this.lockAll([key]));
    const chat = chats.get(chatKeyOf(key.sessionId, key.clientId));
    if (!chat) throw new Error("a chat that was just created is missing");
    return toChat(chat);
  }

  /**
   * Updates the chats of stored messages; call it once for each message. Returns the message's chat after each of them. The last
   * message is the last by source order, whatever the order of arrival. An incoming message counts as unread if it is later in
   * source order than the last answer or reading, unless it is history. `locked` passes the rows from `completeAll`, if nothing has
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
  ): Promise<number> {
    if (sourceOrder >= row.last_message_order) return 0;
    const { count } = await this.scope.one<{ count: number }>(
      `select count(*)::int as count from messages where company_id = :companyId and chat_id = :chatId and direction = 0
         and source_order > :sourceOrder and not id = any(:later::uuid[])`,
      { chatId, sourceOrder, later: later.map(({ message }) => message.id) },
    );
    return count;
  }

  /** Updates the chat of one message. */
  async recordMessage(message: Message, options: { isHistory?: boolean } = {}): Promise<Chat> {
    const [chat] = await this.recordAll([{ message, ...options }]);
    if (!chat) throw new Error("a message was not recorded");
    return chat;
  }
}

const keyValues = "unnest(:sessionIds::uuid[], :clientIds::uuid[], :waChatIds::text[])";

/** Each chat once, with the last WhatsApp id given for it. Sorted, so that two transactions lock chats in the same order. */
function bindingsOf(keys: readonly ChatKey[]) {
  const wanted = new Map(keys.map((key) => [chatKeyOf(key.sessionId, key.clientId), key]));
  const sorted = [...wanted].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
  return {
    sessionIds: sorted.map(({ sessionId }) => sessionId),
    clientIds: sorted.map(({ clientId }) => clientId),
    waChatIds: sorted.map(({ waChatId }) => waChatId),
  };
}

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

/** `unreadAfter`: number of unread messages after the message if it is an answer, else null. */
function withMessage(row: LockedChat, recorded: RecordedMessage, unreadAfter: number | null): ChatRow {
  const { message } = recorded;
  const isUnread = message.direction === 0 && changesUnread(recorded, row);
  return {
    ...row,
    ...(isUnread && { unread_count: row.unread_count + 1 }),
    ...(unreadAfter !== null && {
      unread_count: Math.min(row.unread_count, unreadAfter),
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
      last_occurred_at: new Date(message.timestamp),
      last_revoked_at: message.revokedAt === null ? null : new Date(message.revokedAt),
    }),
  };
}

function save(scope: Scope, rows: readonly ChatRow[]): void {
  scope.prepared.send(
    `update chats c set unread_count = n.unread_count, read_order = n.read_order, last_message_id = n.last_id,
       last_message_order = n.last_message_order, version = n.version, updated_at = now()
     from json_to_recordset(:rows::json) n
       (id uuid, unread_count integer, read_order text, last_id uuid, last_message_order text, version integer)
     where c.company_id = :companyId and c.id = n.id`,
    { rows: JSON.stringify(rows) },
  );
}
