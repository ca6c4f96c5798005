import type { Message } from "@syszap/contracts";
import { queryRow, queryRows, type Scope } from "../../rows/query.ts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { messagesOf } from "./message-rows.ts";

/** Who asks: refused unless the generation holds the session's lease at this moment, by the clock of the database. */
export interface SessionLease {
  sessionId: string;
  generation: number;
}
/** A queued row, claimed: what the engine needs to send it. */
export interface OutgoingMessage {
  id: string;
  chatId: string;
  sessionId: string;
  /** Made before the first attempt; every attempt carries it. */
  waKey: string;
  waChatId: string;
  body: string;
  /** This one included. From the second on, the engine is asked first what became of the one before. */
  attempts: number;
}

const holdsLease = `exists (select from session_leases l where l.company_id = :companyId and l.session_id = :sessionId
  and l.generation = :generation and l.lease_until > clock_timestamp())`;
const oldestQueued = `select id, next_attempt_at from messages
  where company_id = :companyId and session_id = :sessionId and status = 'queued'
  order by source_order, id limit 1`;

export async function claimNextQueued(scope: Scope, lease: SessionLease): Promise<OutgoingMessage | undefined> {
  return queryRow<OutgoingMessage>(
    scope.db,
    `with oldest as (${oldestQueued} for update)
     update messages m set claimed_generation = :generation, attempts = m.attempts + 1, next_attempt_at = null,
       updated_at = now()
     from oldest, chats ch
     where m.company_id = :companyId and m.id = oldest.id and m.status = 'queued'
       and (oldest.next_attempt_at is null or oldest.next_attempt_at <= clock_timestamp())
       and ch.company_id = m.company_id and ch.id = m.chat_id and ${holdsLease}
     returning m.id, m.chat_id as "chatId", m.session_id as "sessionId", m.wa_key as "waKey",
       ch.wa_chat_id as "waChatId", m.body, m.attempts`,
    { companyId: scope.companyId, sessionId: lease.sessionId, generation: lease.generation },
  );
}

export async function postponeQueued(
  scope: Scope,
  message: { id: string } & SessionLease,
  retryAfterMs: number,
): Promise<boolean> {
  const row = await queryRow(
    scope.db,
    `update messages set next_attempt_at = clock_timestamp() + make_interval(secs => :seconds), updated_at = now()
     where company_id = :companyId and id = :id and session_id = :sessionId and status = 'queued'
       and claimed_generation = :generation and ${holdsLease}
     returning id`,
    {
      companyId: scope.companyId,
      id: message.id,
      sessionId: message.sessionId,
      generation: message.generation,
      seconds: retryAfterMs / 1_000,
    },
  );
  return row !== undefined;
}

export async function failQueued(scope: Scope, sessionId: string, reason: string): Promise<Message[]> {
  const rows = await queryRows<MessageRow>(
    scope.db,
    `with failed as (
       update messages set status = 'failed', failure_reason = :reason, next_attempt_at = null, version = version + 1,
         status_at_ms = floor(extract(epoch from clock_timestamp()) * 1000), updated_at = now()
       where company_id = :companyId and session_id = :sessionId and status = 'queued' returning *
     ) ${messagesOf("failed")} order by m.source_order`,
    { companyId: scope.companyId, sessionId, reason },
  );
  return rows.map(toMessage);
}

export async function nextAttemptAt(scope: Scope, sessionId: string): Promise<Date | undefined> {
  const row = await queryRow<{ at: Date }>(
    scope.db,
    `select coalesce(next_attempt_at, now()) as at from (${oldestQueued}) oldest`,
    { companyId: scope.companyId, sessionId },
  );
  return row?.at;
}
