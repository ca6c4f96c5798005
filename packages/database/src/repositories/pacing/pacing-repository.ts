import type { SessionPacing } from "@syszap/contracts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { holdsLease, type SessionLease } from "../messages/outbound-queue.ts";
import { noticeOf, type PacingNotice, type PacingRow, pacingOf, toSessionPacing } from "./pacing-rows.ts";

export interface PacingLimits {
  /** Messages within any hour; 0: no limit. */
  perHour: number;
  /** People who never wrote to the session and are written to within any day; 0: no limit. */
  coldPerDay: number;
}
/** What a session may send at this moment. */
export interface SendingRoom {
  /** So long nothing at all is tried: the gap, or a breaker that is open. */
  waitMs: number;
  /** False: only what was begun before goes on. */
  mayBegin: boolean;
  /** False: nobody who never wrote to us is written to. */
  mayBeginCold: boolean;
  /** When a budget that is used up has room again. */
  freesInMs: number | undefined;
  /** Whatever is tried now decides whether the breaker closes. */
  isProbe: boolean;
  notice: PacingNotice;
  /** The notice is another one than was given out last. */
  isNews: boolean;
  /** Of the hourly budget; null: there is no limit. */
  remaining: number | null;
}
export interface BreakerTimes {
  /** Failures one after the other after which it opens; 0: never. */
  afterFailures: number;
  /** How long it stays open at first, doubling up to the most. */
  firstMs: number;
  mostMs: number;
}
/** How an attempt ended. `other` says nothing about the line: refused for good, or interrupted by us. */
export type SendOutcome = { kind: "sent" | "other" } | { kind: "failed"; reason: string; breaker: BreakerTimes };

/** A session's pace: what was sent lately, and when the next may go. Kept here so that the next owner goes on where this one was. */
export class PacingRepository {
  constructor(private readonly scope: Scope) {}

  /** Locks the session's pace until the transaction ends. Undefined when the lease is not this generation's any more. */
  async room(lease: SessionLease, limits: PacingLimits): Promise<SendingRoom | undefined> {
    const row = await queryRow<PacingRow>(
      this.scope.db,
      `with kept as (
         insert into session_pacing as p (company_id, session_id, per_hour, cold_per_day)
         select :companyId, :sessionId, :perHour, :coldPerDay where ${holdsLease}
         on conflict (company_id, session_id) do update
           set per_hour = excluded.per_hour, cold_per_day = excluded.cold_per_day
         returning *
       ), forgotten as (
         delete from session_sends where company_id = :companyId and session_id = :sessionId
           and sent_at < clock_timestamp() - interval '1 day'
       ) ${pacingOf("kept", { isBounded: true })}`,
      this.bindings({ ...holderOf(lease), ...limits }),
    );
    if (!row) return undefined;
    const notice = noticeOf(row);
    const isNews = notice.cause !== row.told;
    await this.remember(row, notice);
    const frees = [row.hour_free_at, row.cold_free_at].flatMap((at) => at?.getTime() ?? []);
    return {
      waitMs: Math.max(row.gap_ms, row.open_ms ?? 0),
      mayBegin: !row.hour_spent,
      mayBeginCold: !row.cold_spent,
      freesInMs: frees.length > 0 ? Math.max(Math.min(...frees) - row.now.getTime(), 0) : undefined,
      isProbe: row.open_ms !== null && row.open_ms <= 0,
      ...{ notice, isNews },
      remaining: row.per_hour > 0 ? Math.max(row.per_hour - row.hour_used, 0) : null,
    };
  }

  /** Counts a message towards the budgets, once within an hour however often it is tried. Nothing follows before the gap is over. */
  async began(
    message: { id: string; chatId: string; sessionId: string; isCold: boolean },
    gapMs: number,
  ): Promise<void> {
    await queryRows(
      this.scope.db,
      `with counted as (
         insert into session_sends (company_id, session_id, message_id, chat_id, is_cold)
         values (:companyId, :sessionId, :id, :chatId, :isCold)
         on conflict (company_id, session_id, message_id) do update set sent_at = excluded.sent_at
           where session_sends.sent_at < clock_timestamp() - interval '1 hour'
       )
       update session_pacing set next_at = ${gapEnd} where company_id = :companyId and session_id = :sessionId`,
      this.bindings({ ...message, gapMs }),
    );
  }

  /** The gap counts from here. Failures one after the other open the breaker, the first message that goes through closes it. */
  async settled(lease: SessionLease, outcome: SendOutcome, gapMs: number): Promise<void> {
    const bindings = this.bindings({ ...holderOf(lease), gapMs });
    const where = `where company_id = :companyId and session_id = :sessionId and ${holdsLease}`;
    if (outcome.kind !== "failed") {
      const closed = "failures = 0, openings = 0, open_until = null, failure_reason = null,";
      await queryRows(
        this.scope.db,
        `update session_pacing set ${outcome.kind === "sent" ? closed : ""} next_at = ${gapEnd} ${where}`,
        bindings,
      );
      return;
    }
    const { breaker, reason } = outcome;
    const opens = "(:afterFailures > 0 and (open_until is not null or failures + 1 >= :afterFailures))";
    const openForMs = "least(:firstMs * power(2, least(openings, 20)), :mostMs) * (0.75 + random() / 4)";
    await queryRows(
      this.scope.db,
      `update session_pacing set next_at = ${gapEnd}, failures = failures + 1, failure_reason = :reason,
         openings = openings + ${opens}::int,
         open_until = case when ${opens}
           then clock_timestamp() + ${openForMs} * interval '1 millisecond' else open_until end
       ${where}`,
      { ...bindings, ...breaker, reason: toStorableText(reason) },
    );
  }

  /** The breaker would let one message through and there is none: whoever writes next need not know of it. */
  async rested(sessionId: string): Promise<void> {
    await queryRows(
      this.scope.db,
      `update session_pacing set open_until = null
       where company_id = :companyId and session_id = :sessionId and open_until <= clock_timestamp()`,
      this.bindings({ sessionId }),
    );
  }

  /** As it stands now, for whoever asks. */
  async read(sessionId: string): Promise<SessionPacing> {
    const row = await queryRow<PacingRow>(
      this.scope.db,
      `${pacingOf("session_pacing", { isBounded: false })} where p.company_id = :companyId and p.session_id = :sessionId`,
      this.bindings({ sessionId }),
    );
    const { waiting } = await queryOne<{ waiting: number }>(
      this.scope.db,
      `select count(*)::int as waiting from messages
       where company_id = :companyId and session_id = :sessionId and status = 'queued'`,
      this.bindings({ sessionId }),
    );
    return toSessionPacing(sessionId, row, waiting);
  }

  /** For a session that will send nothing any more. */
  async forget(sessionId: string): Promise<void> {
    for (const table of ["session_pacing", "session_sends"])
      await queryRows(
        this.scope.db,
        `delete from ${table} where company_id = :companyId and session_id = :sessionId`,
        this.bindings({ sessionId }),
      );
  }

  private async remember(row: PacingRow, notice: PacingNotice): Promise<void> {
    await queryRows(
      this.scope.db,
      `update session_pacing set is_hour_spent = :isHourSpent, is_cold_spent = :isColdSpent, told = :told
       where company_id = :companyId and session_id = :sessionId
         and (is_hour_spent, is_cold_spent, told) is distinct from (:isHourSpent::boolean, :isColdSpent::boolean, :told::text)`,
      this.bindings({
        sessionId: row.session_id,
        isHourSpent: row.hour_spent,
        isColdSpent: row.cold_spent,
        told: notice.cause,
      }),
    );
  }

  private bindings<More extends object>(more: More) {
    return { companyId: this.scope.companyId, ...more };
  }
}

const holderOf = ({ sessionId, generation }: SessionLease) => ({ sessionId, generation });
/** Without a gap it stays: rounded to a millisecond, "now" may be in the future. */
const gapEnd = `case when :gapMs::float8 > 0
  then greatest(next_at, clock_timestamp() + :gapMs::float8 * interval '1 millisecond') else next_at end`;
