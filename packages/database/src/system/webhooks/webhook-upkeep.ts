import type { WebhookDisabledReason } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";

/** An endpoint whose company must be notified that it was disabled. */
export interface DueNotice {
  companyId: string;
  webhookId: string;
  url: string;
  reason: WebhookDisabledReason;
  disabledAt: Date;
}
export interface LogLimits {
  /** How long finished deliveries are kept, and deliveries that wait for a disabled endpoint. */
  keptMs: number;
  /** Maximum number of finished deliveries kept for an endpoint. */
  maxFinished: number;
  /** More waiting deliveries than this disable the endpoint. */
  maxWaiting: number;
}
interface EndpointKey {
  company_id: string;
  id: string;
}
const of = "company_id = :companyId and endpoint_id = :webhookId";
/** Rows that one statement inspects, oldest first. */
const batch = 1_000;
const maxBatches = 20;

/** Limits the delivery logs of endpoints, and finds due notices. Any sender may call it. */
export class WebhookUpkeep {
  constructor(private readonly db: Knex) {}

  /** Notices that are not recorded as sent. Two senders may send the same notice. */
  dueNotices(): Promise<DueNotice[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", id as "webhookId", url, disabled_reason as reason, disabled_at as "disabledAt"
       from webhook_endpoints where is_notice_due and disabled_at is not null limit 100`,
    );
  }

  async recordNotice({ companyId, webhookId, disabledAt }: DueNotice): Promise<void> {
    await queryRows(
      this.db,
      `update webhook_endpoints set is_notice_due = false
       where company_id = :companyId and id = :webhookId and disabled_at = :disabledAt`,
      { companyId, webhookId, disabledAt },
    );
  }

  /** Deletes deliveries beyond the limits, endpoint by endpoint. Returns how many rows were deleted. */
  async trim(limits: LogLimits): Promise<number> {
    let trimmed = 0;
    for (const key of await this.endpoints())
      for (let n = 0, gone = batch; n < maxBatches && gone === batch; n++) {
        gone = await this.trimOldest(key, limits);
        trimmed += gone;
      }
    return trimmed;
  }

  /** Disables endpoints with too many waiting deliveries. Returns how many. */
  async disableBacklogged(limits: LogLimits): Promise<number> {
    const rows = await queryRows(
      this.db,
      `update webhook_endpoints e set disabled_at = now(), disabled_reason = 'backlog', is_notice_due = true
       where disabled_at is null and :maxWaiting < (select count(*) from (
         select from webhook_deliveries d where d.company_id = e.company_id and d.endpoint_id = e.id
           and d.next_attempt_at is not null limit :maxWaiting + 1) waiting)
       returning id`,
      { maxWaiting: limits.maxWaiting },
    );
    return rows.length;
  }

  /** Counts endpoints. `oldestDueAt` is the due time of the oldest event whose endpoint is neither paused nor disabled. */
  backlog(): Promise<{ enabled: number; disabled: number; failing: number; oldestDueAt: Date | null }> {
    return queryOne(
      this.db,
      `select count(*) filter (where disabled_at is null)::int as enabled,
         count(*) filter (where disabled_at is not null and disabled_reason <> 'person')::int as disabled,
         count(*) filter (where disabled_at is null and failing_since is not null)::int as failing,
         min(due.at) as "oldestDueAt"
       from webhook_endpoints e left join lateral (
         select next_attempt_at as at from webhook_deliveries d
         where d.company_id = e.company_id and d.endpoint_id = e.id and d.next_attempt_at <= now()
           and e.disabled_at is null and (e.paused_until is null or e.paused_until <= now())
         order by next_attempt_at limit 1
       ) due on true`,
    );
  }

  private endpoints(): Promise<EndpointKey[]> {
    return queryRows(this.db, "select company_id, id from webhook_endpoints");
  }

  private async trimOldest({ company_id: companyId, id: webhookId }: EndpointKey, limits: LogLimits): Promise<number> {
    const key = { companyId, webhookId };
    const kept = await queryRow<{ position: string }>(
      this.db,
      `select position from webhook_deliveries where ${of} and state <> 'waiting'
       order by position desc offset :maxFinished limit 1`,
      { ...key, maxFinished: limits.maxFinished },
    );
    const rows = await queryRows(
      this.db,
      `delete from webhook_deliveries where ${of} and event_id in (
         select event_id from (
           select event_id, position, state, created_at, finished_at from webhook_deliveries
           where ${of} order by position limit ${batch} for update skip locked) oldest
         where (state <> 'waiting' and (position <= :upTo::bigint or finished_at < now() - :keptMs * interval '1 millisecond'))
           or (state = 'waiting' and created_at < now() - :keptMs * interval '1 millisecond' and exists (
             select from webhook_endpoints where company_id = :companyId and id = :webhookId and disabled_at is not null))
       ) returning event_id`,
      { ...key, upTo: kept?.position ?? null, keptMs: limits.keptMs },
    );
    return rows.length;
  }
}
