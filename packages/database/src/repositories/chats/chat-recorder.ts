import type { Chat, Message } from "@syszap/contracts";
import { type ChatRow, previewLength, toChat } from "../../rows/rows.ts";
import { queryRows, type Scope } from "../../sql/query.ts";
import { shorten } from "../../sql/storable-text.ts";
import { chatsOf } from "./chat-row.ts";

export interface RecordedMessage {
  message: Message;
  /** From before the link: nobody's unread message. */
  isHistory?: boolean;
}
/** As it is stored, until the transaction ends. */
export type LockedChat = Readonly<ChatRow>;
/** By `chatKeyOf`. */
export type KnownChats = ReadonlyMap<string, LockedChat>;
export interface ChatKey {
  sessionId: string;
  waChatId: string;
  clientId: string;
}

/** See `ChatRepository.lockAll`. */
export async function lockChats(scope: Scope, keys: readonly ChatKey[]): Promise<KnownChats> {
  const rows = await scope.prepared.rows<ChatRow>(
    `${chatsOf("chats")} where ch.company_id = :companyId and (ch.session_id, ch.client_id) in (
       select n.session_id, n.client_id from ${keyValues} n (session_id, client_id, wa_chat_id)
     ) order by ch.session_id, ch.client_id for no key update of ch`,
    bindingsOf(scope, keys),
  );
  return new Map(rows.map((row) => [chatKeyOf(row.session_id, row.client_id), row]));
}

/** See `ChatRepository.completeAll`. */
export async function completeChats(scope: Scope, keys: readonly ChatKey[], known: KnownChats): Promise<KnownChats> {
  const isKnown = ({ sessionId, clientId, waChatId }: ChatKey) =>
    known.get(chatKeyOf(sessionId, clientId))?.wa_chat_id === waChatId;
  if (keys.every(isKnown)) return known;
  scope.prepared.send(
    `insert into chats as c (company_id, session_id, client_id, wa_chat_id) select :companyId, * from ${keyValues}
     on conflict (company_id, session_id, client_id) do update
       set wa_chat_id = excluded.wa_chat_id, version = c.version + 1 where c.wa_chat_id <> excluded.wa_chat_id`,
    bindingsOf(scope, keys),
  );
  return lockChats(scope, keys);
}

const keyValues = "unnest(:sessionIds::uuid[], :clientIds::uuid[], :waChatIds::text[])";

/** Each chat once, the last that was said of it, in one order. */
function bindingsOf({ companyId }: Scope, keys: readonly ChatKey[]) {
  const wanted = new Map(keys.map((key) => [chatKeyOf(key.sessionId, key.clientId), key]));
  const inOrder = [...wanted].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
  return {
    companyId,
    sessionIds: inOrder.map(({ sessionId }) => sessionId),
    clientIds: inOrder.map(({ clientId }) => clientId),
    waChatIds: inOrder.map(({ waChatId }) => waChatId),
  };
}

export const chatKeyOf = (sessionId: string, clientId: string): string => `${sessionId} ${clientId}`;

/** See `ChatRepository.recordAll`. */
export async function recordMessages(
  scope: Scope,
  recorded: readonly RecordedMessage[],
  locked?: Iterable<LockedChat>,
): Promise<Chat[]> {
  const found = locked ?? (await lockById(scope, recorded));
  const rows = new Map([...found].map((row) => [row.id, row]));
  const before = new Map(rows);
  const chats = recorded.map((each) => {
    const row = rows.get(each.message.chatId);
    if (!row) throw new Error("the chat of a stored message is not there");
    const next = record(row, each);
    rows.set(row.id, next);
    return toChat(next);
  });
  save(
    scope,
    [...rows.values()].filter((row) => before.get(row.id) !== row),
  );
  return chats;
}

function lockById(scope: Scope, recorded: readonly RecordedMessage[]): Promise<ChatRow[]> {
  const ids = [...new Set(recorded.map(({ message }) => message.chatId))];
  return queryRows<ChatRow>(
    scope.db,
    `${chatsOf("chats")} where ch.company_id = :companyId and ch.id = any(:ids::uuid[]) order by ch.id for no key update of ch`,
    { companyId: scope.companyId, ids },
  );
}

function record(row: LockedChat, { message, isHistory }: RecordedMessage): ChatRow {
  const isUnread = message.direction === 0 && !isHistory;
  return {
    ...row,
    unread_count: row.unread_count + (isUnread ? 1 : 0),
    version: row.version + 1,
    ...(row.last_message_order < message.sourceOrder && {
      last_message_order: message.sourceOrder,
      last_id: message.id,
      last_direction: message.direction,
      last_type: message.type,
      last_body: shorten(message.body, previewLength),
      last_occurred_at: new Date(message.timestamp),
      last_revoked_at: message.revokedAt === null ? null : new Date(message.revokedAt),
    }),
  };
}

function save(scope: Scope, rows: readonly ChatRow[]): void {
  scope.prepared.send(
    `update chats c set unread_count = n.unread_count, last_message_id = n.last_id,
       last_message_order = n.last_message_order, version = n.version, updated_at = now()
     from json_to_recordset(:rows::json) n
       (id uuid, unread_count integer, last_id uuid, last_message_order text, version integer)
     where c.company_id = :companyId and c.id = n.id`,
    { companyId: scope.companyId, rows: JSON.stringify(rows) },
  );
}
