import type { PacingCause, PacingState, SessionPacing } from "@syszap/contracts";
import { isoOf } from "../../sql/timestamps.ts";

/** A session's pacing, with the number of its sends in the last hour and day. */
export interface PacingRow {
  session_id: string;
  per_hour: number;
  cold_per_day: number;
  next_at: Date;
  gap_ms: number;
  hour_used: number;
  hour_spent: boolean;
  hour_free_at: Date | null;
  cold_used: number;
  cold_spent: boolean;
  cold_free_at: Date | null;
  failures: number;
  open_until: Date | null;
  /** Time until an open breaker lets one message through; negative when it does. */
  open_ms: number | null;
  failure_reason: string | null;
  told: PacingCause | null;
  now: Date;
}
export interface PacingNotice {
  state: PacingState;
  cause: PacingCause | null;
  resetsAt: Date | null;
}

/** An exhausted budget opens again when a tenth of it is free, so that it does not open and close with each message. */
const reopensAt = (limit: string) => `floor(${limit} * 0.9)::int`;
const isSpent = (used: string, limit: string, wasSpent: string) =>
  `(${limit} > 0 and (${used} >= ${limit} or (${wasSpent} and ${used} > ${reopensAt(limit)})))`;
/** Compares with `statement_timestamp()`: `clock_timestamp()` is volatile, so Postgres would not search the index for it. */
const recent = (window: string, more = "") =>
  `session_sends s where s.company_id = p.company_id and s.session_id = p.session_id
     and s.sent_at > statement_timestamp() - interval '${window}' ${more}`;
/** When enough sends have left the window for the budget to open again. */
const freeAt = (window: string, limit: string, more = "") =>
  `(select s.sent_at + interval '${window}' from ${recent(window, more)}
    order by s.sent_at desc offset ${reopensAt(limit)} limit 1)`;
/** Stops counting at the limit, because larger numbers change nothing; without a limit nothing is counted. */
const bounded = (limit: string) => `limit greatest(${limit}, 0)`;

/** SQL that reads `PacingRow`s from `session_pacing` or the CTE `source`. `isBounded`: counts stop at the limits. */
export const pacingOf = (source: string, { isBounded }: { isBounded: boolean }): string => `
  select p.session_id, p.per_hour, p.cold_per_day, p.next_at, p.failures, p.open_until, p.failure_reason, p.told,
    clock_timestamp() as now,
    greatest(extract(epoch from p.next_at - clock_timestamp()) * 1000, 0)::float8 as gap_ms,
    (extract(epoch from p.open_until - clock_timestamp()) * 1000)::float8 as open_ms,
    h.used as hour_used, hs.spent as hour_spent,
    case when hs.spent then ${freeAt("1 hour", "p.per_hour")} end as hour_free_at,
    c.used as cold_used, cs.spent as cold_spent,
    case when cs.spent then ${freeAt("1 day", "p.cold_per_day", "and s.is_cold")} end as cold_free_at
  from ${source} p
  cross join lateral (select count(*)::int as used
    from (select 1 from ${recent("1 hour")} ${isBounded ? bounded("p.per_hour") : ""}) counted) h
  cross join lateral (select count(*)::int as used
    from (select 1 from ${recent("1 day", "and s.is_cold")} ${isBounded ? bounded("p.cold_per_day") : ""}) counted) c
  cross join lateral (select ${isSpent("h.used", "p.per_hour", "p.is_hour_spent")} as spent) hs
  cross join lateral (select ${isSpent("c.used", "p.cold_per_day", "p.is_cold_spent")} as spent) cs`;

/** The notice for users: the restriction that delays messages most. */
export function noticeOf(row: PacingRow): PacingNotice {
  if (row.hour_spent) return { state: "exhausted", cause: "hourly_budget", resetsAt: row.hour_free_at };
  if (row.open_until) return { state: "slowed", cause: "failures", resetsAt: row.open_until };
  if (row.cold_spent) return { state: "slowed", cause: "cold_budget", resetsAt: row.cold_free_at };
  return { state: "ok", cause: null, resetsAt: null };
}

/** `row` is undefined for a session that never ran; its limits are unknown. */
export function toSessionPacing(sessionId: string, row: PacingRow | undefined, waiting: number): SessionPacing {
  const notice: PacingNotice = row ? noticeOf(row) : { state: "ok", cause: null, resetsAt: null };
  return {
    sessionId,
    state: notice.state,
    cause: notice.cause,
    resetsAt: isoOf(notice.resetsAt),
    nextAllowedAt: row ? isoOf(nextAllowedAt(row)) : null,
    waiting,
    hourly: budget(row?.per_hour, row?.hour_used, row?.hour_free_at),
    cold: budget(row?.cold_per_day, row?.cold_used, row?.cold_free_at),
    breaker: {
      state: breakerState(row),
      failures: row?.failures ?? 0,
      retryAt: isoOf(row?.open_until ?? null),
      reason: row?.failure_reason ?? null,
    },
  };
}

function breakerState(row: PacingRow | undefined): SessionPacing["breaker"]["state"] {
  if (!row?.open_until) return "closed";
  return row.open_until > row.now ? "open" : "half_open";
}

/** When every restriction that applies to all messages has ended; null when there is none. */
function nextAllowedAt(row: PacingRow): Date | null {
  const latest = Math.max(...[row.next_at, row.hour_free_at, row.open_until].map((at) => at?.getTime() ?? 0));
  return latest > row.now.getTime() ? new Date(latest) : null;
}

function budget(limit = 0, used = 0, freeAt: Date | null = null): SessionPacing["hourly"] {
  if (limit <= 0) return { limit: null, used, remaining: null, resetsAt: isoOf(freeAt) };
  return { limit, used, remaining: freeAt ? 0 : Math.max(limit - used, 0), resetsAt: isoOf(freeAt) };
}
