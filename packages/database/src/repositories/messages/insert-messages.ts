import {
  type Message,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type MissingFile,
  messageType,
} from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import type { Scope } from "../../sql/query.ts";
import { sourceOrderOf } from "../../sql/source-order.ts";
import { storableJson, toStorableText } from "../../sql/storable-text.ts";
import { type MessageKey, messagesOf, storableMissing } from "./message-row.ts";

export interface NewMessage extends MessageKey {
  chatId: string;
  kind: MessageKind;
  body: string;
  /** Null for messages that came in. */
  status: MessageStatus | null;
  mediaId: string | null;
  missingMedia?: MissingFile | undefined;
  content?: MessageContent | undefined;
  /** What WhatsApp calls a kind that we do not know. */
  vendorKind?: string | undefined;
  timestampMs: number;
  generation: number;
  receipt: number;
}

/** See `MessageRepository.insertAllOnce`. */
export async function insertMessages(scope: Scope, messages: readonly NewMessage[]): Promise<(Message | undefined)[]> {
  const firsts = new Map<string, number>();
  messages.forEach((message, index) => {
    if (!firsts.has(nameOf(message))) firsts.set(nameOf(message), index);
  });
  const inOrder = [...firsts].sort(([one], [other]) => (one < other ? -1 : 1));
  const rows = await scope.prepared.rows<MessageRow & { wa_key: string }>(
    `with added as (
       insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, media_id,
         missing_media, content, vendor_kind, source_order, occurred_at)
       select :companyId, n.* from json_to_recordset(:rows::json) n (session_id uuid, chat_id uuid, direction smallint,
         wa_key text, type smallint, body text, status text, media_id uuid, missing_media jsonb, content jsonb,
         vendor_kind text, source_order text, occurred_at timestamptz(3))
       on conflict (company_id, session_id, direction, wa_key) do nothing returning *
     ) ${messagesOf("added")}`,
    {
      companyId: scope.companyId,
      rows: JSON.stringify(inOrder.flatMap(([, index]) => messages[index] ?? []).map(toRow)),
    },
  );
  const added = new Map(
    rows.map((row) => [
      nameOf({ sessionId: row.session_id, direction: row.direction, waKey: row.wa_key }),
      toMessage(row),
    ]),
  );
  return messages.map((message, index) => {
    const name = nameOf(message);
    return firsts.get(name) === index ? added.get(name) : undefined;
  });
}

const nameOf = (key: { sessionId: string; direction: number; waKey: string }) =>
  `${key.sessionId} ${key.direction} ${key.waKey}`;

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
