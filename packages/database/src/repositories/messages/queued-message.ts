import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type Message,
  type MessageChange,
  type MessageContent,
  type MessageKind,
  messageType,
} from "@syszap/contracts";
import { IdempotencyConflictError } from "../../errors.ts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { queryRow, type Scope } from "../../sql/query.ts";
import { queuedSourceOrder } from "../../sql/source-order.ts";
import { storableJson } from "../../sql/storable-text.ts";
import { messagesOf } from "./message-row.ts";

export interface QueuedMessage {
  chatId: string;
  /** Text or caption; of an edit the new text, of a reaction the emoji. */
  body: string;
  /** Who wrote it. */
  userId: string;
  idempotencyKey?: string | undefined;
  /** A text, unless something else is said. */
  kind?: MessageKind | undefined;
  mediaId?: string | undefined;
  content?: MessageContent | undefined;
  /** The message that is answered. */
  quotes?: string | undefined;
  /** No message of the chat, but an order to change that one. */
  changes?: { messageId: string; change: MessageChange } | undefined;
}

/** See `MessageRepository.insertQueued`. */
export async function insertQueued(
  scope: Scope,
  message: QueuedMessage,
): Promise<{ message: Message; isNew: boolean } | undefined> {
  const bindings = {
    companyId: scope.companyId,
    chatId: message.chatId,
    waKey: newWhatsAppKey(),
    type: messageType[message.kind ?? "text"],
    body: message.body,
    mediaId: message.mediaId ?? null,
    content: message.content ? storableJson(message.content) : null,
    quotes: message.quotes ?? null,
    change: message.changes?.change ?? null,
    changes: message.changes?.messageId ?? null,
    idempotencyKey: message.idempotencyKey ?? null,
    userId: message.userId,
  };
  const added = await queryRow<MessageRow>(
    scope.db,
    `with added as (
       insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order,
         occurred_at, idempotency_key, user_id, media_id, content, quoted_message_id, change, changes_message_id)
       select :companyId, session_id, id, 1, :waKey, :type, :body, 'queued', ${queuedSourceOrder},
         clock_timestamp(), :idempotencyKey, :userId, :mediaId::uuid, :content::jsonb, :quotes::uuid, :change,
         :changes::uuid
       from chats where company_id = :companyId and id = :chatId and merged_into is null for key share
       on conflict (company_id, idempotency_key) where idempotency_key is not null do nothing returning *
     ) ${messagesOf("added")}`,
    bindings,
  );
  if (added) return { message: toMessage(added), isNew: true };
  if (bindings.idempotencyKey === null) return undefined;
  const first = await queryRow<MessageRow>(
    scope.db,
    `${messagesOf("messages")} where m.company_id = :companyId and m.idempotency_key = :idempotencyKey`,
    { companyId: scope.companyId, idempotencyKey: bindings.idempotencyKey },
  );
  if (!first) return undefined;
  if (!isSame(first, message, bindings.type)) throw new IdempotencyConflictError();
  return { message: toMessage(first), isNew: false };
}

/** The first row may have been edited or deleted meanwhile: what it was queued with is compared as far as it still shows. */
function isSame(first: MessageRow, asked: QueuedMessage, type: number): boolean {
  const { changes } = asked;
  const isTarget =
    first.chat_id === asked.chatId &&
    first.type === type &&
    (first.change ?? null) === (changes?.change ?? null) &&
    (first.changes_message_id ?? null) === (changes?.messageId ?? null) &&
    (first.quoted_message_id ?? null) === (asked.quotes ?? null);
  if (!isTarget || first.revoked_at) return isTarget;
  return (
    (first.body === asked.body || first.edited_at !== null) &&
    first.media_id === (asked.mediaId ?? null) &&
    isDeepStrictEqual(first.content ?? undefined, asked.content)
  );
}

/** As WhatsApp Web makes them. */
const newWhatsAppKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
