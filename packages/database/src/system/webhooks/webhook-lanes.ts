import type { WebhookAttempt, WebhookDisabledReason } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRow, queryRows } from "../../sql/query.ts";

/** A webhook endpoint that one sender has claimed for a limited time. */
export interface WebhookLane {
  companyId: string;
  webhookId: string;
  url: string;
  /** Newest first. Each request is signed with all of them. */
  secrets: string[];
  /** Consecutive failures so far. */
  failures: number;
  /** Each event is sent only after the one before it was delivered or given up. */
  isOneAtATime: boolean;
}
/** An event to send now. */
export interface DueDelivery {
  eventId: string;
  eventType: string;
  /** Events with the same key are sent in order. */
  orderKey: string;
  body: string;
  /** Failed attempts so far. */
  attempts: number;
}
/** A failed attempt, and what follows from it. */
export interface FailedTry {
  try: WebhookAttempt;
  /** Undefined when the delivery is given up. */
  retryInMs: number | undefined;
  /** The pause that the receiver requested, or null. */
  pauseMs: number | null;
  /** The receiver wants no further events (HTTP 410). */
  isGone: boolean;
}
export interface LaneLimits {
  /** Consecutive failures after which the endpoint is paused between attempts, and receives one event at a time. */
  pauseAfter: number;
  /** Doubles with each failure, up to `maxPauseMs`. */
  firstPauseMs: number;
  maxPauseMs: number;
  /** The endpoint is disabled after failing for this time, with at least `disableAfter` consecutive failures. */
  disableAfterMs: number;
  disableAfter: number;
}
interface LaneRow {
  company_id: string;
  id: string;
  url: string;
  secret: string;
  previous_secret: string | null;
  failures: number;
  is_one_at_a_time: boolean;
}
type LaneKey = Pick<WebhookLane, "companyId" | "webhookId">;
const keptTries = 20;
/** The newest `keptTries`, oldest first. */
const triesNow = `(select jsonb_agg(t order by n) from (
  select t, n from jsonb_array_elements(d.tries || :try::jsonb) with ordinality x (t, n) order by n desc limit ${keptTries}
) kept)`;
const thisDelivery = "d.company_id = :companyId and d.endpoint_id = :webhookId and d.event_id = :eventId";
const thisEndpoint = "e.company_id = :companyId and e.id = :webhookId";

/** The webhook endpoints of all companies, for senders. Each endpoint is served by one sender at a time. */
export class WebhookLanes {
  constructor(private readonly db: Knex) {}

  /** Claims endpoints that have an event to send now, longest unserved first. Those of suspended companies wait. The claim of a sender that died expires after `forMs`. */
  async claim(claim: { holder: string; limit: number; forMs: number }): Promise<WebhookLane[]> {
    const rows = await queryRows<LaneRow>(
      this.db,
      // Not `for update`: transactions that add events to an endpoint hold a key share lock on it.
      `update webhook_endpoints e set holder = :holder, held_until = now() + :forMs * interval '1 millisecond'
       from (
         select company_id, id from webhook_endpoints c
         where disabled_at is null and (held_until is null or held_until <= now())
           and (paused_until is null or paused_until <= now())
           and not exists (select from companies where companies.id = c.company_id and suspended_at is not null)
           and case when is_one_at_a_time
             then (select next_attempt_at from webhook_deliveries d
               where d.company_id = c.company_id and d.endpoint_id = c.id and d.next_attempt_at is not null
               order by position limit 1) <= now()
             else exists (select from webhook_deliveries d
               where d.company_id = c.company_id and d.endpoint_id = c.id and d.next_attempt_at <= now()) end
         order by held_until nulls first limit :limit for no key update skip locked
       ) free
       where e.company_id = free.company_id and e.id = free.id
       returning e.company_id, e.id, e.url, e.secret, e.failures, e.is_one_at_a_time,
         case when e.previous_secret_until > now() then e.previous_secret end as previous_secret`,
      claim,
    );
    return rows.map((row) => ({
      companyId: row.company_id,
      webhookId: row.id,
      url: row.url,
      secrets: [row.secret, ...(row.previous_secret === null ? [] : [row.previous_secret])],
      failures: row.failures,
      isOneAtATime: row.is_one_at_a_time,
    }));
  }

  /**
   * Events to send now, in the order they happened. Empty when the endpoint was disabled or claimed by another sender. With
   * `isOneAtATime`, events after one that waits for its next attempt are left out.
   */
  async due(lane: LaneKey & { isOneAtATime?: boolean }, holder: string, limit: number): Promise<DueDelivery[]> {
    const rows = await queryRows<DueDelivery & { isDue: boolean }>(
      this.db,
      `select event_id as "eventId", event_type as "eventType", order_key as "orderKey", body, attempts,
         next_attempt_at <= now() as "isDue"
       from webhook_deliveries
       where company_id = :companyId and endpoint_id = :webhookId
         and ${lane.isOneAtATime ? "next_attempt_at is not null" : "next_attempt_at <= now()"}
         and exists (select from webhook_endpoints e where ${thisEndpoint} and disabled_at is null
           and holder = :holder and held_until > now())
       order by position limit :limit`,
      { ...keyOf(lane), holder, limit },
    );
    const firstNotDue = rows.findIndex(({ isDue }) => !isDue);
    return (firstNotDue === -1 ? rows : rows.slice(0, firstNotDue)).map(({ isDue: _, ...delivery }) => delivery);
  }

  /** Records a success, also when the claim was lost in between, because the receiver has the event. */
  async delivered(lane: LaneKey, eventId: string, attempt: WebhookAttempt): Promise<void> {
    await queryRows(
      this.db,
      `with updated as (
         update webhook_deliveries d set state = 'delivered', attempts = d.attempts + 1, tries = ${triesNow},
           next_attempt_at = null, finished_at = now() where ${thisDelivery} and d.state <> 'delivered')
       update webhook_endpoints e set failures = 0, failing_since = null, paused_until = null, last_success_at = now()
       where ${thisEndpoint} and (e.failures > 0 or e.failing_since is not null or e.last_success_at is null
         or e.last_success_at < now() - interval '5 seconds')`,
      { ...keyOf(lane), eventId, try: JSON.stringify(attempt) },
    );
  }

  /** Records a failed attempt and returns the state of the endpoint. Undefined when the endpoint was removed. */
  async failed(lane: LaneKey, eventId: string, failure: FailedTry, limits: LaneLimits) {
    const ends = `case when :isGone::boolean then 'gone'
      when e.failing_since <= now() - :disableAfterMs * interval '1 millisecond' and e.failures + 1 >= :disableAfter
      then 'failing' end`;
    const pauseMs = `greatest(:pauseMs::float8, case when e.failures + 1 >= :pauseAfter
      then least(:firstPauseMs * power(2, least(e.failures + 1 - :pauseAfter, 20)), :maxPauseMs) * (0.75 + random() / 4) end)`;
    return queryRow<{ failures: number; isPaused: boolean; disabledReason: WebhookDisabledReason | null }>(
      this.db,
      `with updated as (
         update webhook_deliveries d set attempts = d.attempts + 1, tries = ${triesNow},
           state = case when :retryInMs::float8 is null then 'failed' else 'waiting' end,
           next_attempt_at = now() + :retryInMs::float8 * interval '1 millisecond',
           finished_at = case when :retryInMs::float8 is null then now() end
         where ${thisDelivery} and d.state = 'waiting')
       update webhook_endpoints e set failures = e.failures + 1, failing_since = coalesce(e.failing_since, now()),
         last_failure_at = now(),
         paused_until = greatest(e.paused_until, now() + ${pauseMs} * interval '1 millisecond'),
         disabled_at = coalesce(e.disabled_at, case when ${ends} is not null then now() end),
         disabled_reason = coalesce(e.disabled_reason, ${ends}),
         is_notice_due = e.is_notice_due or (e.disabled_at is null and ${ends} is not null)
       where ${thisEndpoint}
       returning failures, coalesce(paused_until > now(), false) as "isPaused", disabled_reason as "disabledReason"`,
      {
        ...keyOf(lane),
        eventId,
        try: JSON.stringify(failure.try),
        retryInMs: failure.retryInMs ?? null,
        pauseMs: failure.pauseMs,
        isGone: failure.isGone,
        ...limits,
      },
    );
  }

  /** Ends the claim, so that any sender may claim the endpoint now. */
  async release(lane: LaneKey, holder: string): Promise<void> {
    await queryRows(
      this.db,
      `update webhook_endpoints e set holder = null, held_until = now() where ${thisEndpoint} and holder = :holder`,
      { ...keyOf(lane), holder },
    );
  }
}

const keyOf = ({ companyId, webhookId }: LaneKey) => ({ companyId, webhookId });
