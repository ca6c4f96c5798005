import { isDeepStrictEqual } from "node:util";
import {
  type MessageChange,
  type MessageContent,
  type MessageContext,
  type MessageKind,
  messageType,
} from "@syszap/contracts";
import type { MessageRow } from "./message-row.ts";

/** An outbound operation that a user requested: a message to send, or a change of a message. */
export interface QueuedMessage {
  chatId: string;
  /** Text or caption; the new text of an edit; the emoji of a reaction. */
  body: string;
  /** The author. */
  userId: string;
  idempotencyKey?: string | undefined;
  /** Defaults to `text`. */
  kind?: MessageKind | undefined;
  mediaId?: string | undefined;
  content?: MessageContent | undefined;
  context?: MessageContext | undefined;
  /** Id of the message that this one answers. */
  quotes?: string | undefined;
  /** Id of the message whose content is forwarded. */
  forwards?: string | undefined;
  /** Present when the operation changes another message instead of sending one. */
  changes?: { messageId: string; change: MessageChange } | undefined;
}

export const messageTypeOf = ({ kind = "text" }: QueuedMessage): number => messageType[kind];

/**
 * Whether `row` was queued by the same request. The row may have been edited or deleted since then, so only what it still shows
 * of the request is compared.
 */
export function isSameRequest(row: MessageRow, request: QueuedMessage): boolean {
  const { changes, forwards = null } = request;
  // The forwarded message may have changed since then.
  if (forwards || row.forwards_message_id)
    return row.chat_id === request.chatId && row.forwards_message_id === forwards;
  const hasSameTarget =
    row.chat_id === request.chatId &&
    row.type === messageTypeOf(request) &&
    (row.change ?? null) === (changes?.change ?? null) &&
    (row.changes_message_id ?? null) === (changes?.messageId ?? null) &&
    (row.quoted_message_id ?? null) === (request.quotes ?? null);
  if (!hasSameTarget || row.revoked_at) return hasSameTarget;
  return (
    (row.body === request.body || row.edited_at !== null) &&
    row.media_id === (request.mediaId ?? null) &&
    isDeepStrictEqual(withoutVotes(row.content), request.content)
  );
}

/** The content as it was queued. */
function withoutVotes(content: MessageContent | null): MessageContent | undefined {
  if (!content?.poll?.votes) return content ?? undefined;
  const { votes: _votes, ...poll } = content.poll;
  return { ...content, poll };
}
