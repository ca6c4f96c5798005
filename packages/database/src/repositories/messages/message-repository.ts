import {
  type Message,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type MissingFile,
  messageType,
  type Page,
} from "@syszap/contracts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { isReached, type Scope } from "../../sql/query.ts";
import { sourceOrderOf } from "../../sql/source-order.ts";
import { storableJson, toStorableText } from "../../sql/storable-text.ts";
import {
  type MessageKey,
  type MessageRow,
  messagesOf,
  nameOfMessage,
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
  /** WhatsApp's name of a kind that this system does not support. */
  vendorKind?: string | undefined;
  timestampMs: number;
  generation: number;
  receipt: number;
}

const sourceOrderKey = /^\d{15}-\d{10}-\d{12}$/;

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
      const name = nameOfMessage(message);
      if (!firsts.has(name)) firsts.set(name, index);
    });
    const sorted = [...firsts].sort(([one], [other]) => (one < other ? -1 : 1)); // two batches must not deadlock
    const rows = await this.scope.prepared.rows<MessageRow & { wa_key: string }>(
      `with added as (
         insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, media_id,
           missing_media, content, vendor_kind, source_order, occurred_at)
         select :companyId, n.* from json_to_recordset(:rows::json) n (session_id uuid, chat_id uuid, direction smallint,
           wa_key text, type smallint, body text, status text, media_id uuid, missing_media jsonb, content jsonb,
           vendor_kind text, source_order text, occurred_at timestamptz(3))
         on conflict (company_id, session_id, direction, wa_key) do nothing returning *
       ) ${messagesOf("added")}`,
      {
        rows: JSON.stringify(sorted.flatMap(([, index]) => messages[index] ?? []).map(toRow)),
      },
    );
    const added = new Map(
      rows.map((row) => {
        const name = nameOfMessage({ sessionId: row.session_id, direction: row.direction, waKey: row.wa_key });
        return [name, toMessage(row)];
      }),
    );
    return messages.map((message, index) => {
      const name = nameOfMessage(message);
      return firsts.get(name) === index ? added.get(name) : undefined;
    });
  }

  async find(id: string): Promise<Message | undefined> {
    const row = await this.scope.row<MessageRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.id = :id and ${isReached("m.session_id")}`,
      { id },
    );
    return row && toMessage(row);
  }

  /** Newest first, in WhatsApp's order (timestamp, generation, receipt number), which is independent of the order of insertion. */
  async listBefore(chatId: string, page: { before?: string | undefined; limit: number }): Promise<Page<Message>> {
    const before = fromPageKey(page.before, sourceOrderKey);
    const rows = await this.scope.rows<MessageRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.chat_id = :chatId and m.change is null
         and ${isReached("m.session_id")}
         ${before ? "and (m.source_order, m.id) < (:order, :id::uuid)" : ""}
       order by m.source_order desc, m.id desc limit :limit`,
      { chatId, limit: page.limit + 1, ...(before && { order: before.value, id: before.id }) },
    );
    return toPage(rows, page.limit, { item: toMessage, key: (row) => ({ value: row.source_order, id: row.id }) });
  }
}

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
  content: message.content ? JSON.parse(storableJson(message.content)) : null,
  vendor_kind: message.vendorKind === undefined ? null : toStorableText(message.vendorKind),
  source_order: sourceOrderOf(message),
  occurred_at: new Date(message.timestampMs),
});
