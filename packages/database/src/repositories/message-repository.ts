import { randomBytes } from "node:crypto";
import {
  type Message,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type MissingFile,
  messageType,
  type Page,
} from "@syszap/contracts";
import { IdempotencyConflictError } from "../errors.ts";
import { fromPageKey, toPage } from "../rows/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../rows/query.ts";
import { type MessageRow, toMessage } from "../rows/rows.ts";
import { queuedSourceOrder, sourceOrderOf } from "../rows/source-order.ts";
import { storableJson, toStorableText } from "../rows/storable-text.ts";
import { applyEdit, applyReaction, applyRevoke } from "./messages/message-changes.ts";
import { applyMedia, askAgain, type MediaOutcome } from "./messages/message-media.ts";
import { type Change, type MessageKey, messagesOf, storableMissing } from "./messages/message-rows.ts";
import { advanceStatus, type StatusAdvance } from "./messages/message-status.ts";
import {
  type ClaimRoom,
  claimNextQueued,
  failQueued,
  nextAttemptAt,
  type OutgoingMessage,
  postponeQueued,
  type SessionLease,
} from "./messages/queued-messages.ts";

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
export interface QueuedMessage {
  chatId: string;
  body: string;
  /** Who wrote it. */
  userId: string;
  idempotencyKey?: string | undefined;
}

const sourceOrderKey = /^\d{15}-\d{10}-\d{12}$/;

export class MessageRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when the message is stored already: redelivery is normal, not an error. */
  async insertOnce(message: NewMessage): Promise<Message | undefined> {
    const row = await queryRow<MessageRow>(
      this.scope.db,
      `with added as (
         insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, media_id,
           missing_media, content, vendor_kind, source_order, occurred_at)
         values (:companyId, :sessionId, :chatId, :direction, :waKey, :type, :body, :status, :mediaId,
           :missingMedia::jsonb, :content::jsonb, :vendorKind, :sourceOrder, :occurredAt)
         on conflict (company_id, session_id, direction, wa_key) do nothing returning *
       ) ${messagesOf("added")}`,
      {
        companyId: this.scope.companyId,
        sessionId: message.sessionId,
        chatId: message.chatId,
        direction: message.direction,
        waKey: message.waKey,
        type: messageType[message.kind],
        body: toStorableText(message.body),
        status: message.status,
        mediaId: message.mediaId,
        missingMedia: message.missingMedia ? JSON.stringify(storableMissing(message.missingMedia)) : null,
        content: message.content ? storableJson(message.content) : null,
        vendorKind: message.vendorKind === undefined ? null : toStorableText(message.vendorKind),
        sourceOrder: sourceOrderOf(message),
        occurredAt: new Date(message.timestampMs),
      },
    );
    return row && toMessage(row);
  }

  /**
   * A row for the session's owner to send. The same `idempotencyKey` again answers with the first row (`isNew` false), or
   * throws `IdempotencyConflictError` when chat or text differ. Undefined when there is no such chat.
   */
  async insertQueued(message: QueuedMessage): Promise<{ message: Message; isNew: boolean } | undefined> {
    const bindings = { companyId: this.scope.companyId, ...message, idempotencyKey: message.idempotencyKey ?? null };
    const added = await queryRow<MessageRow>(
      this.scope.db,
      `with added as (
         insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order,
           occurred_at, idempotency_key, user_id)
         select :companyId, session_id, id, 1, :waKey, :type, :body, 'queued', ${queuedSourceOrder},
           clock_timestamp(), :idempotencyKey, :userId
         from chats where company_id = :companyId and id = :chatId
         on conflict (company_id, idempotency_key) where idempotency_key is not null do nothing returning *
       ) ${messagesOf("added")}`,
      { ...bindings, waKey: newWhatsAppKey(), type: messageType.text },
    );
    if (added) return { message: toMessage(added), isNew: true };
    if (bindings.idempotencyKey === null) return undefined;
    const first = await queryRow<MessageRow>(
      this.scope.db,
      `${messagesOf("messages")} where m.company_id = :companyId and m.idempotency_key = :idempotencyKey`,
      bindings,
    );
    if (!first) return undefined;
    if (first.chat_id !== message.chatId || first.body !== message.body) throw new IdempotencyConflictError();
    return { message: toMessage(first), isNew: false };
  }

  async find(id: string): Promise<Message | undefined> {
    const row = await queryRow<MessageRow>(
      this.scope.db,
      `${messagesOf("messages")} where m.company_id = :companyId and m.id = :id`,
      { companyId: this.scope.companyId, id },
    );
    return row && toMessage(row);
  }

  /** Newest first, in WhatsApp's order (timestamp, generation, receipt number), never in that of insertion. */
  async listBefore(chatId: string, page: { before?: string | undefined; limit: number }): Promise<Page<Message>> {
    const before = fromPageKey(page.before, sourceOrderKey);
    const rows = await queryRows<MessageRow>(
      this.scope.db,
      `${messagesOf("messages")} where m.company_id = :companyId and m.chat_id = :chatId
         ${before ? "and (m.source_order, m.id) < (:order, :id::uuid)" : ""}
       order by m.source_order desc, m.id desc limit :limit`,
      {
        companyId: this.scope.companyId,
        chatId,
        limit: page.limit + 1,
        ...(before && { order: before.value, id: before.id }),
      },
    );
    return toPage(rows, page.limit, { item: toMessage, key: (row) => ({ value: row.source_order, id: row.id }) });
  }

  /** WhatsApp's time of the newest message of a session, which gap recovery starts from. */
  async lastOccurredAt(sessionId: string): Promise<Date | undefined> {
    const row = await queryOne<{ last: Date | null }>(
      this.scope.db,
      "select max(occurred_at) as last from messages where company_id = :companyId and session_id = :sessionId",
      { companyId: this.scope.companyId, sessionId },
    );
    return row.last ?? undefined;
  }

  /** Moves forward only: queued, sent, delivered, read, played; what failed stays so unless a later receipt proves otherwise. */
  advanceStatus(key: MessageKey, status: Exclude<MessageStatus, "queued">, more: StatusAdvance = {}): Promise<Change> {
    return advanceStatus(this.scope, key, { status, ...more });
  }

  /** The newest edit wins, whatever comes first; a deleted message has no text to edit. */
  applyEdit(key: MessageKey, edit: { body: string; timestampMs: number }): Promise<Change> {
    return applyEdit(this.scope, key, edit);
  }

  /** Takes text and file away for good. */
  applyRevoke(key: MessageKey, revoke: { timestampMs: number }): Promise<Change> {
    return applyRevoke(this.scope, key, revoke);
  }

  /** The file of a message that was stored without it came, or will not come by itself any more. */
  applyMedia(key: MessageKey, outcome: MediaOutcome): Promise<Change> {
    return applyMedia(this.scope, key, outcome);
  }

  /** Somebody wants the file that is missing: its tries begin anew. `isChanged`: the message shows that now. */
  askMediaAgain(id: string): ReturnType<typeof askAgain> {
    return askAgain(this.scope, id);
  }

  /** One reaction per side; the newest wins, an empty emoji takes it back. */
  applyReaction(
    key: MessageKey,
    reaction: { from: "client" | "company"; emoji: string; timestampMs: number },
  ): Promise<Change> {
    return applyReaction(this.scope, key, reaction);
  }

  /**
   * The session's oldest queued row that may be sent now, claimed for this generation: never one behind another of its own
   * chat. Undefined when there is none, or when the lease is not this generation's any more.
   */
  claimNextQueued(lease: SessionLease, room?: ClaimRoom): Promise<OutgoingMessage | undefined> {
    return claimNextQueued(this.scope, lease, room);
  }

  /** After a transient failure: nobody claims the row, nor any behind it in its chat, before the time is over. False when fenced. */
  postponeQueued(message: { id: string } & SessionLease, retryAfterMs: number): Promise<boolean> {
    return postponeQueued(this.scope, message, retryAfterMs);
  }

  /** For a session that will send nothing any more. Answers with what was given up, for `emit.messageStatus`. */
  failQueued(sessionId: string, reason: string): Promise<Message[]> {
    return failQueued(this.scope, sessionId, reason);
  }

  /** When the next of the rows that failed may be tried again; undefined when none waits for that. */
  nextAttemptAt(sessionId: string): Promise<Date | undefined> {
    return nextAttemptAt(this.scope, sessionId);
  }
}

/** As WhatsApp Web makes them. */
const newWhatsAppKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
