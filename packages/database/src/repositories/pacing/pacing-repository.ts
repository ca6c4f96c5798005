import type { SessionPacing } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { holdsLease, type SessionLease } from "../sessions/session-lease.ts";
import { noticeOf, type PacingNotice, type PacingRow, pacingOf, toSessionPacing } from "./pacing-rows.ts";

export interface PacingLimits {
  /** Maximum number of messages within any hour; 0: no limit. */
  perHour: number;
  /** Maximum number of first messages within any day to clients who never wrote to the session; 0: no limit. */
  coldPerDay: number;
}
/** Limits that apply to the next message of a session. */
export interface SendingRoom {
  /** Time until the next attempt: the rest of the gap between messages, or of an open circuit breaker. */
  waitMs: number;
  /** False when only messages that were begun before may continue. */
  mayBegin: boolean;
  /** False when no client who never wrote to the session may be written to. */
  mayBeginCold: boolean;
  /** Time until an exhausted budget has room again. */
  freesInMs: number | undefined;
  /** True when the next attempt decides whether the circuit breaker closes. */
  isProbe: boolean;
  notice: PacingNotice;
  /** Whether the notice differs from the last one that was returned. */
  isNoticeNew: boolean;
  /** Messages left in the hourly budget; null: no limit. */
  remaining: number | null;
}
export interface BreakerTimes {
  /** Consecutive failures that open the breaker; 0: it never opens. */
  afterFailures: number;
  /** How long the breaker stays open the first time. Doubles with each opening, up to `maxMs`. */
  firstMs: number;
  maxMs: number;
}
/** How an attempt ended. `other` does not affect the breaker: the operation was refused for good, or this process interrupted it. */
export type SendOutcome = { kind: "sent" | "other" } | { kind: "failed"; reason: string; breaker: BreakerTimes };

/**
 * Pacing of a session: what it sent recently and when it may send again. Stored in the database, so that the next owner of the session
 * continues with the same state.
 */
export class PacingRepository {
  constructor(private readonly scope: Scope) {}

  /** Reads what the session may send. Locks its pacing until the transaction ends. Undefined when the lease is lost. */
  async checkRoom(lease: SessionLease, limits: PacingLimits): Promise<SendingRoom | undefined> {
    const row = await this.scope.row<PacingRow>(
      `with kept as (
         insert into session_pacing as p (company_id, session_id, per_hour, cold_per_day)
         select :companyId, :sessionId, :perHour, :coldPerDay where ${holdsLease}
         on conflict (company_id, session_id) do update
           set per_hour = excluded.per_hour, cold_per_day = excluded.cold_per_day
         returning *
       ), forgotten as (
         delete from session_sends where company_id = :companyId and session_id = :sessionId
           and sent_at < statement_timestamp() - interval '1 day'
       ) ${pacingOf("kept", { isBounded: true })}`,
      { ...leaseBindings(lease), ...limits },
    );
    if (!row) return undefined;
    const notice = noticeOf(row);
    const isNoticeNew = notice.cause !== row.told;
    await this.saveNotice(row, notice);
    const frees = [row.hour_free_at, row.cold_free_at].flatMap((at) => at?.getTime() ?? []);
    return {
      waitMs: Math.max(row.gap_ms, row.open_ms ?? 0),
      mayBegin: !row.hour_spent,
      mayBeginCold: !row.cold_spent,
      freesInMs: frees.length > 0 ? Math.max(Math.min(...frees) - row.now.getTime(), 0) : undefined,
      isProbe: row.open_ms !== null && row.open_ms <= 0,
      notice,
      isNoticeNew,
      remaining: row.per_hour > 0 ? Math.max(row.per_hour - row.hour_used, 0) : null,
    };
  }

  /** Counts a message towards the budgets, once within an hour for all its attempts, and starts the gap before the next message. */
  async recordAttempt(
    message: { id: string; chatId: string; sessionId: string; isCold: boolean },
    gapMs: number,
  ): Promise<void> {
    await this.scope.rows(
      `with counted as (
         insert into session_sends (company_id, session_id, message_id, chat_id, is_cold)
         values (:companyId, :sessionId, :id, :chatId, :isCold)
         on conflict (company_id, session_id, message_id) do update set sent_at = excluded.sent_at
           where session_sends.sent_at < clock_timestamp() - interval '1 hour'
       )
       update session_pacing set next_at = ${gapEnd} where company_id = :companyId and session_id = :sessionId`,
      { ...message, gapMs },
    );
  }

  /** Restarts the gap at the end of an attempt. Consecutive failures open the breaker; the first success closes it. */
  async recordOutcome(lease: SessionLease, outcome: SendOutcome, gapMs: number): Promise<void> {
    const bindings = { ...leaseBindings(lease), gapMs };
    const where = `where company_id = :companyId and session_id = :sessionId and ${holdsLease}`;
    if (outcome.kind !== "failed") {
      const closed = "failures = 0, openings = 0, open_until = null, failure_reason = null,";
      await this.scope.rows(
        `update session_pacing set ${outcome.kind === "sent" ? closed : ""} next_at = ${gapEnd} ${where}`,
        bindings,
      );
      return;
    }
    const { breaker, reason } = outcome;
    const opens = "(:afterFailures > 0 and (open_until is not null or failures + 1 >= :afterFailures))";
    const openForMs = "least(:firstMs * power(2, least(openings, 20)), :maxMs) * (0.75 + random() / 4)";
    await this.scope.rows(
      `update session_pacing set next_at = ${gapEnd}, failures = failures + 1, failure_reason = :reason,
         openings = openings + ${opens}::int,
         open_until = case when ${opens}
           then clock_timestamp() + ${openForMs} * interval '1 millisecond' else open_until end
       ${where}`,
      { ...bindings, ...breaker, reason: toStorableText(reason) },
    );
  }

  /** Closes a breaker whose time is over when no message waits to probe it, so that the next message is not delayed. */
  async closeIdleBreaker(sessionId: string): Promise<void> {
    await this.scope.rows(
      `update session_pacing set open_until = null
       where company_id = :companyId and session_id = :sessionId and open_until <= clock_timestamp()`,
      { sessionId },
    );
  }

  /** The current state, for users. */
  async read(sessionId: string): Promise<SessionPacing> {
    const row = await this.scope.row<PacingRow>(
      `${pacingOf("session_pacing", { isBounded: false })} where p.company_id = :companyId and p.session_id = :sessionId`,
      { sessionId },
    );
    const { waiting } = await this.scope.one<{ waiting: number }>(
      `select count(*)::int as waiting from messages
       where company_id = :companyId and session_id = :sessionId and status = 'queued'`,
      { sessionId },
    );
    return toSessionPacing(sessionId, row, waiting);
  }

  /** Deletes the pacing of a session that will not send again. */
  async delete(sessionId: string): Promise<void> {
    for (const table of ["session_pacing", "session_sends"])
      await this.scope.rows(`delete from ${table} where company_id = :companyId and session_id = :sessionId`, {
        sessionId,
      });
  }

  private async saveNotice(row: PacingRow, notice: PacingNotice): Promise<void> {
    await this.scope.rows(
      `update session_pacing set is_hour_spent = :isHourSpent, is_cold_spent = :isColdSpent, told = :told
       where company_id = :companyId and session_id = :sessionId
         and (is_hour_spent, is_cold_spent, told) is distinct from (:isHourSpent::boolean, :isColdSpent::boolean, :told::text)`,
      {
        sessionId: row.session_id,
        isHourSpent: row.hour_spent,
        isColdSpent: row.cold_spent,
        told: notice.cause,
      },
    );
  }
}

const leaseBindings = ({ sessionId, generation }: SessionLease) => ({ sessionId, generation });
/** Without a gap, `next_at` stays unchanged: `now` rounded to a millisecond may be in the future. */
const gapEnd = `case when :gapMs::float8 > 0
  then greatest(next_at, clock_timestamp() + :gapMs::float8 * interval '1 millisecond') else next_at end`;
