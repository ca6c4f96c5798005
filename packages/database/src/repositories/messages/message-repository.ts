import {
  direction,
  type Message,
  type MessageContent,
  type MessageContext,
  type MessageKind,
  type MessageStatus,
  type MissingFile,
  messageType,
  type NamedContact,
  previewLength,
  type QuotedOriginal,
} from "@syszap/contracts";
import { isReached, type Scope } from "../../sql/query.ts";
import { sourceOrderOf } from "../../sql/source-order.ts";
import { shorten, storableJson, toStorableText } from "../../sql/storable-text.ts";
import { storedParticipant } from "../names/participant.ts";
import { type MessagePage, type MessagePageRequest, readMessagePage } from "./message-pages.ts";
import {
  type KeyRow,
  keyOfRow,
  type MessageKey,
  type MessageRow,
  messagesOf,
  nameOfMessage,
  originalOf,
  storableMissing,
  toMessage,
} from "./message-row.ts";

export interface NewMessage extends MessageKey {
  chatId: string;
  kind: MessageKind;
  body: string;
  /** Null for incoming messages. */
  status: MessageStatus | null;
  mediaId: string | null;
  missingMedia?: MissingFile | undefined;
  content?: MessageContent | undefined;
  context?: MessageContext | undefined;
  quoted?: QuotedOriginal | undefined;
  /** The participant of a group who wrote it. */
  sender?: NamedContact | undefined;
  mentionsUs?: boolean | undefined;
  /** WhatsApp's name of a kind that this system does not support. */
  vendorKind?: string | undefined;
  /** From `addressOf`: how WhatsApp named the client. */
  address?: string | undefined;
  timestampMs: number;
  generation: number;
  receipt: number;
}

/** Stores and reads messages. See `MessageChangeRepository` for changes to them and `OutboundQueue` for sending. */
export class MessageRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when the message is stored already. */
  async insertOnce(message: NewMessage): Promise<Message | undefined> {
    const [stored] = await this.insertAllOnce([message]);
    return stored;
  }

  /**
   * Stores messages in one statement and returns them in the order given. An element is undefined when its message is stored
   * already or occurs earlier in the list: WhatsApp and the queue deliver at least once.
   */
  async insertAllOnce(messages: readonly NewMessage[]): Promise<(Message | undefined)[]> {
    const firsts = new Map<string, number>();
    messages.forEach((message, index) => {
      const name = uniqueNameOf(message);
      if (!firsts.has(name)) firsts.set(name, index);
    });
    const sorted = [...firsts].sort(([one], [other]) => (one < other ? -1 : 1)); // two batches must not deadlock
    const rows = await this.scope.prepared.rows<InsertedRow>(insert, {
      rows: JSON.stringify(sorted.flatMap(([, index]) => messages[index] ?? []).map(toRow)),
    });
    const added = new Map((await this.withOriginals(rows)).map((row) => [uniqueNameOfRow(row), toMessage(row)]));
    return messages.map((message, index) => {
      const name = uniqueNameOf(message);
      return firsts.get(name) === index ? added.get(name) : undefined;
    });
  }

  /** Reads rows again whose originals were added by the same statement, which does not see them. */
  private async withOriginals(rows: InsertedRow[]): Promise<InsertedRow[]> {
    const keys = new Set(rows.map((row) => row.wa_key));
    const ids = rows.flatMap((row) => (row.quoted && !row.original_id && keys.has(row.quoted.waKey) ? row.id : []));
    if (ids.length === 0) return rows;
    const again = await this.scope.prepared.rows<InsertedRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.id = any(:ids::uuid[])`,
      { ids },
    );
    const complete = new Map(again.map((row) => [row.id, row]));
    return rows.map((row) => complete.get(row.id) ?? row);
  }

  async find(id: string): Promise<Message | undefined> {
    const row = await this.scope.row<MessageRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.id = :id and ${isReached("m.session_id")}`,
      { id },
    );
    return row && toMessage(row);
  }

  /** Reads the messages of a chat. Undefined if the chat has no message with the id in the request. */
  list(chatId: string, request: MessagePageRequest): Promise<MessagePage | undefined> {
    return readMessagePage(this.scope, chatId, request);
  }

  /** Reads the messages before a position, and the newest ones without it. */
  async listBefore(chatId: string, page: { before?: string | undefined; limit: number }): Promise<MessagePage> {
    return (await this.list(chatId, page)) ?? { items: [], next: null, hasNewer: false };
  }
}

type InsertedRow = MessageRow & KeyRow;

/**
 * WhatsApp's times of received messages are whole seconds. A message of the same second as one that we sent is sorted below it: an
 * answer must not stand above its question.
 */
const sourceOrderOfRow = `
  case when n.direction = 0 and n.source_order like '____________000-%' then coalesce(
    (select max(left(o.source_order, 15)) from messages o where o.company_id = :companyId and o.chat_id = n.chat_id
      and o.direction = 1 and o.source_order > n.source_order and o.source_order < left(n.source_order, 12) || '999~'),
    left(n.source_order, 15)) || substr(n.source_order, 16)
  else n.source_order end`;

/** The copy of a message that is stored is not kept, so that deleting the message deletes its text. */
const quotedOfRow = `
  case when (${originalOf("n", ":companyId")}) is null then n.quoted else n.quoted || '{"body": ""}' end`;

const insert = `
  with added as (
    insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, media_id,
      missing_media, content, context, quoted_key, quoted, expires_at, vendor_kind, address, sender, mentions_us, source_order, occurred_at)
    select :companyId, n.session_id, n.chat_id, n.direction, n.wa_key, n.type, n.body, n.status, n.media_id,
      n.missing_media, n.content, n.context, n.quoted_key, ${quotedOfRow}, n.expires_at, n.vendor_kind, n.address, n.sender, n.mentions_us, ${sourceOrderOfRow}, n.occurred_at
    from json_to_recordset(:rows::json) n (session_id uuid, chat_id uuid, direction smallint, wa_key text, type smallint,
      body text, status text, media_id uuid, missing_media jsonb, content jsonb, context jsonb, quoted_key text, quoted jsonb,
      expires_at timestamptz(3), vendor_kind text, address text, sender jsonb, mentions_us boolean, source_order text collate "C", occurred_at timestamptz(3))
    on conflict do nothing returning *
  ) ${messagesOf("added")}`;

/** Two contacts' phones may create the same key, so the key of a received message is unique in its chat only. */
const uniqueNameOf = (message: MessageKey & { chatId: string }): string =>
  message.direction === direction.in ? `${nameOfMessage(message)} ${message.chatId}` : nameOfMessage(message);

const uniqueNameOfRow = (row: InsertedRow): string => uniqueNameOf({ ...keyOfRow(row), chatId: row.chat_id });

const toRow = (message: NewMessage) => ({
  session_id: message.sessionId,
  chat_id: message.chatId,
  direction: message.direction,
  wa_key: message.waKey,
  type: messageType[message.kind],
  body: toStorableText(message.body),
  status: message.status,
  media_id: message.mediaId,
  missing_media: message.missingMedia ? storableMissing(message.missingMedia) : null,
  content: jsonOf(message.content),
  context: jsonOf(message.context),
  quoted_key: message.quoted ? toStorableText(message.quoted.waKey) : null,
  quoted: jsonOf(message.quoted && { ...message.quoted, body: shorten(message.quoted.body, previewLength) }),
  expires_at: message.context?.expiresAt ?? null,
  vendor_kind: message.vendorKind === undefined ? null : toStorableText(message.vendorKind),
  address: message.address ?? null,
  sender: message.sender ? storedParticipant(message.sender) : null,
  mentions_us: message.mentionsUs ?? false,
  source_order: sourceOrderOf(message),
  occurred_at: new Date(message.timestampMs),
});

const jsonOf = (value: object | undefined): unknown => (value ? JSON.parse(storableJson(value)) : null);
