import type { Message, MessageStatus, Page } from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { insertMessages, type NewMessage } from "./insert-messages.ts";
import { applyEdit, applyReaction, applyRevoke } from "./message-change-repository.ts";
import { applyMedia, askAgain, type MediaOutcome } from "./message-media.ts";
import { type Change, type MessageKey, messagesOf } from "./message-row.ts";
import { advanceStatus, type StatusAdvance } from "./message-status.ts";
import {
  type ClaimedMessage,
  type ClaimRoom,
  claimNextQueued,
  failQueued,
  nextAttemptAt,
  postponeQueued,
  type SessionLease,
} from "./outbound-queue.ts";
import { type OutgoingPayload, outgoingPayload } from "./outgoing-payload.ts";
import { insertQueued, type QueuedMessage } from "./queued-message.ts";
import { type AppliedChange, applySent } from "./sent-change.ts";

/** A queued row, claimed: all that the engine needs to send it. */
export type OutgoingMessage = ClaimedMessage & { payload: OutgoingPayload };

const sourceOrderKey = /^\d{15}-\d{10}-\d{12}$/;

export class MessageRepository {
  constructor(private readonly scope: Scope) {}

  /** As `insertAllOnce`, of one. */
  async insertOnce(message: NewMessage): Promise<Message | undefined> {
    return (await this.insertAllOnce([message]))[0];
  }

  /** Undefined for those that are stored already, or stand in the list before: redelivery is normal, not an error. */
  insertAllOnce(messages: readonly NewMessage[]): Promise<(Message | undefined)[]> {
    return insertMessages(this.scope, messages);
  }

  /**
   * A row for the session's owner to send. The same `idempotencyKey` again answers with the first row (`isNew` false), or
   * throws `IdempotencyConflictError` when what is sent or where differs. Undefined when there is no such chat.
   */
  insertQueued(message: QueuedMessage): Promise<{ message: Message; isNew: boolean } | undefined> {
    return insertQueued(this.scope, message);
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
      `${messagesOf("messages")} where m.company_id = :companyId and m.chat_id = :chatId and m.change is null
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
  async claimNextQueued(lease: SessionLease, room?: ClaimRoom): Promise<OutgoingMessage | undefined> {
    const claimed = await claimNextQueued(this.scope, lease, room);
    return claimed && { ...claimed, payload: await outgoingPayload(this.scope, claimed.id) };
  }

  /**
   * WhatsApp took what the row with this id sent. If that was an order to change another message, this one changes now; answers
   * with it, for `emit.messageUpdate`. Undefined when nothing changes.
   */
  applySent(id: string, timestampMs = Date.now()): Promise<AppliedChange | undefined> {
    return applySent(this.scope, id, timestampMs);
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
