import { randomBytes } from "node:crypto";
import type { DataOf, Message, MessageChange } from "@syszap/contracts";
import { IdempotencyConflictError } from "../../errors.ts";
import { isReached, type Scope } from "../../sql/query.ts";
import { queuedSourceOrder } from "../../sql/source-order.ts";
import { storableJson } from "../../sql/storable-text.ts";
import { holdsLease, type SessionLease } from "../sessions/session-lease.ts";
import { isBegun, isCold, isFirstOfItsChat } from "./claim-conditions.ts";
import { MessageChangeRepository } from "./message-change-repository.ts";
import {
  type Change,
  type KeyRow,
  keyOfRow,
  type MessageKey,
  type MessageRow,
  messagesOf,
  toMessage,
} from "./message-row.ts";
import { type OutgoingPayload, outgoingPayload } from "./outgoing-payload.ts";
import { isSameRequest, messageTypeOf, type QueuedMessage } from "./queued-message.ts";

/** A queued message, claimed, with everything that the engine needs to send it. */
export interface OutgoingMessage extends ClaimedMessage {
  payload: OutgoingPayload;
}
interface ClaimedMessage {
  id: string;
  chatId: string;
  sessionId: string;
  /** Generated before the first attempt; all attempts use it. */
  waKey: string;
  waChatId: string;
  body: string;
  /** Includes this attempt. Before a second attempt the engine must be asked what became of the first. */
  attempts: number;
  /** True for the first message within a day to a client who never wrote in this chat. */
  isCold: boolean;
}
/** Which messages may be claimed. A message that was begun within the last hour may always be claimed. */
export interface ClaimRoom {
  mayBegin: boolean;
  mayBeginCold: boolean;
}
export interface AppliedChange {
  /** The message after the change. */
  message: Message;
  change: DataOf<"message_update">["Change"];
}
interface ChangeRow extends KeyRow {
  change: MessageChange;
  body: string;
}

/** The queue of outbound operations. Its entries are the rows of `messages` with the status `queued`. */
export class OutboundQueue {
  constructor(private readonly scope: Scope) {}

  /**
   * Queues an outbound operation. The same `idempotencyKey` returns the first row, with `isNew` false, or throws
   * `IdempotencyConflictError` when the two requests differ. Undefined when there is no such chat.
   */
  async add(request: QueuedMessage): Promise<{ message: Message; isNew: boolean } | undefined> {
    const added = await this.scope.row<MessageRow>(
      `with added as (
         insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order,
           occurred_at, idempotency_key, user_id, media_id, content, context, quoted_message_id, forwards_message_id, change,
           changes_message_id, address)
         select :companyId, session_id, id, 1, :waKey, :type, :body, 'queued', ${queuedSourceOrder},
           clock_timestamp(), :idempotencyKey, :userId, :mediaId::uuid, :content::jsonb, :context::jsonb,
           :quotes::uuid, :forwards::uuid, :change, :changes::uuid,
           case when client_id is not null then
             case split_part(wa_chat_id, '@', 2) when 'lid' then 'lid:' else 'phone:' end || split_part(wa_chat_id, '@', 1) end
         from chats where company_id = :companyId and id = :chatId and merged_into is null and ${isReached("session_id")} for key share
         on conflict (company_id, idempotency_key) where idempotency_key is not null do nothing returning *
       ) ${messagesOf("added")}`,
      {
        chatId: request.chatId,
        waKey: newWhatsAppKey(),
        type: messageTypeOf(request),
        body: request.body,
        mediaId: request.mediaId ?? null,
        content: request.content ? storableJson(request.content) : null,
        context: request.context ? storableJson(request.context) : null,
        quotes: request.quotes ?? null,
        forwards: request.forwards ?? null,
        change: request.changes?.change ?? null,
        changes: request.changes?.messageId ?? null,
        idempotencyKey: request.idempotencyKey ?? null,
        userId: request.userId,
      },
    );
    if (added) return { message: toMessage(added), isNew: true };
    const first = await this.findFirst(request);
    return first && { message: first, isNew: false };
  }

  /** The message that an earlier request with this key queued. Throws `IdempotencyConflictError` when the requests differ. */
  async findFirst(request: QueuedMessage): Promise<Message | undefined> {
    if (request.idempotencyKey === undefined) return undefined;
    const first = await this.scope.row<MessageRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.idempotency_key = :idempotencyKey
         and ${isReached("m.session_id")}`,
      { idempotencyKey: request.idempotencyKey },
    );
    if (!first) return undefined;
    if (!isSameRequest(first, request)) throw new IdempotencyConflictError();
    return toMessage(first);
  }

  /**
   * Claims the session's oldest message that may be sent now, and that has no older message of its chat before it. Undefined when
   * there is none, or when the lease is lost.
   */
  async claimNext(
    lease: SessionLease,
    room: ClaimRoom = { mayBegin: true, mayBeginCold: true },
  ): Promise<OutgoingMessage | undefined> {
    const claimed = await this.scope.row<ClaimedMessage>(
      `with oldest as (
         select q.id, ${isCold} as is_cold from messages q
         where q.company_id = :companyId and q.session_id = :sessionId and q.status = 'queued'
           and (q.next_attempt_at is null or q.next_attempt_at <= clock_timestamp())
           and (${isBegun} or (:mayBegin::boolean and (:mayBeginCold::boolean or not ${isCold})))
           and ${isFirstOfItsChat}
         order by q.source_order, q.id limit 1 for update of q
       )
       update messages m set claimed_generation = :generation, attempts = m.attempts + 1, next_attempt_at = null,
         updated_at = now()
       from oldest, chats ch
       where m.company_id = :companyId and m.id = oldest.id and m.status = 'queued'
         and ch.company_id = m.company_id and ch.id = m.chat_id and ${holdsLease}
       returning m.id, m.chat_id as "chatId", m.session_id as "sessionId", m.wa_key as "waKey",
         ch.wa_chat_id as "waChatId", m.body, m.attempts, oldest.is_cold as "isCold"`,
      {
        sessionId: lease.sessionId,
        generation: lease.generation,
        mayBegin: room.mayBegin,
        mayBeginCold: room.mayBeginCold,
      },
    );
    return claimed && { ...claimed, payload: await outgoingPayload(this.scope, claimed.id) };
  }

  /**
   * Applies the change that a sent operation made to another message. Call it when WhatsApp accepted the operation; the result is
   * for `emit.messageUpdate`. Undefined when nothing changes, or when the operation sent a message.
   */
  async applySent(id: string, timestampMs = Date.now()): Promise<AppliedChange | undefined> {
    const row = await this.scope.row<ChangeRow>(
      `select m.change, m.body, t.session_id, t.wa_key, t.direction
       from messages m join messages t on t.company_id = m.company_id and t.id = m.changes_message_id
       where m.company_id = :companyId and m.id = :id`,
      { id },
    );
    if (!row) return undefined;
    const [message, change] = await this.apply(row, keyOfRow(row), timestampMs);
    return message && message !== "absent" ? { message, change } : undefined;
  }

  /**
   * Sets the time of the next attempt after a transient failure. Until then nobody claims the message or a later one of its chat.
   * False when the lease is lost.
   */
  async postpone(message: { id: string } & SessionLease, retryAfterMs: number): Promise<boolean> {
    const row = await this.scope.row(
      `update messages set next_attempt_at = clock_timestamp() + make_interval(secs => :seconds), updated_at = now()
       where company_id = :companyId and id = :id and session_id = :sessionId and status = 'queued'
         and claimed_generation = :generation and ${holdsLease}
       returning id`,
      { id: message.id, sessionId: message.sessionId, generation: message.generation, seconds: retryAfterMs / 1_000 },
    );
    return row !== undefined;
  }

  /**
   * Fails everything that a session has queued, or all of it for groups, because it will not be sent. The result is for
   * `emit.messageStatus`.
   */
  async failAll(sessionId: string, reason: string, { onlyGroups = false } = {}): Promise<Message[]> {
    const rows = await this.scope.rows<MessageRow>(
      `with failed as (
         update messages set status = 'failed', failure_reason = :reason, next_attempt_at = null, version = version + 1,
           status_at_ms = floor(extract(epoch from clock_timestamp()) * 1000), updated_at = now()
         where company_id = :companyId and session_id = :sessionId and status = 'queued' and (not :onlyGroups or chat_id in (
             select id from chats where company_id = :companyId and session_id = :sessionId and client_id is null))
         returning *
       ) ${messagesOf("failed")} order by m.source_order`,
      { sessionId, reason, onlyGroups },
    );
    return rows.map(toMessage);
  }

  /** When the next postponed message may be tried again. Undefined when none is postponed. */
  async nextAttemptAt(sessionId: string): Promise<Date | undefined> {
    const row = await this.scope.one<{ at: Date | null }>(
      `select min(next_attempt_at) as at from messages
       where company_id = :companyId and session_id = :sessionId and status = 'queued'`,
      { sessionId },
    );
    return row.at ?? undefined;
  }

  private async apply(
    { change, body }: ChangeRow,
    key: MessageKey,
    timestampMs: number,
  ): Promise<[Change, AppliedChange["change"]]> {
    const changes = new MessageChangeRepository(this.scope);
    switch (change) {
      case "edit":
        return [await changes.applyEdit(key, { body, timestampMs }), "edited"];
      case "delete":
        return [await changes.applyRevoke(key, { timestampMs }), "revoked"];
      case "reaction":
        return [await changes.applyReaction(key, { from: "company", emoji: body, timestampMs }), "reaction"];
    }
  }
}

/** Generates a key in the format of WhatsApp Web. */
const newWhatsAppKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
