import { type Message, messageType } from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { messagesOf } from "./message-row.ts";

/** Who asks: refused unless the generation holds the session's lease at this moment, by the clock of the database. */
export interface SessionLease {
  sessionId: string;
  generation: number;
}
/** A queued row, claimed. */
export interface ClaimedMessage {
  id: string;
  chatId: string;
  sessionId: string;
  /** Made before the first attempt; every attempt carries it. */
  waKey: string;
  waChatId: string;
  body: string;
  /** This one included. From the second on, the engine is asked first what became of the one before. */
  attempts: number;
  /** The first words within a day to somebody who never wrote in this chat. */
  isCold: boolean;
}
/** What may be claimed: what was begun within the hour may always go on. */
export interface ClaimRoom {
  mayBegin: boolean;
  mayBeginCold: boolean;
}

/** Refuses whoever is not the owner any more; in statements with \`:companyId\`, \`:sessionId\` and \`:generation\`. */
export const holdsLease = `exists (select from session_leases l where l.company_id = :companyId and l.session_id = :sessionId
  and l.generation = :generation and l.lease_until > clock_timestamp())`;
/** Notes of WhatsApp itself (type 10) are nobody's words. */
const isCold = `(not exists (select from messages i
    where i.company_id = q.company_id and i.chat_id = q.chat_id and i.direction = 0 and i.type <> ${messageType.system})
  and not exists (select from session_sends s where s.company_id = q.company_id and s.session_id = q.session_id
    and s.chat_id = q.chat_id and s.is_cold and s.sent_at > clock_timestamp() - interval '1 day'))`;
/** Counted within the hour. What was given up and is asked for again later has to find room like any other. */
const isBegun = `exists (select from session_sends b where b.company_id = q.company_id and b.session_id = q.session_id
  and b.message_id = q.id and b.sent_at > clock_timestamp() - interval '1 hour')`;
const isFirstOfItsChat = `not exists (select from messages o
  where o.company_id = q.company_id and o.session_id = q.session_id and o.status = 'queued' and o.chat_id = q.chat_id
    and (o.source_order, o.id) < (q.source_order, q.id))`;

export async function claimNextQueued(
  scope: Scope,
  lease: SessionLease,
  room: ClaimRoom = { mayBegin: true, mayBeginCold: true },
): Promise<ClaimedMessage | undefined> {
  return queryRow<ClaimedMessage>(
    scope.db,
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
      companyId: scope.companyId,
      sessionId: lease.sessionId,
      generation: lease.generation,
      mayBegin: room.mayBegin,
      mayBeginCold: room.mayBeginCold,
    },
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
  const row = await queryOne<{ at: Date | null }>(
    scope.db,
    `select min(next_attempt_at) as at from messages
     where company_id = :companyId and session_id = :sessionId and status = 'queued'`,
    { companyId: scope.companyId, sessionId },
  );
  return row.at ?? undefined;
}
