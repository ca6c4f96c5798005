import type { WebhookEnd } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryOne, queryRow, queryRows } from "../../sql/query.ts";

/** An endpoint whose people have to be told that it was disabled. */
export interface DueNotice {
  companyId: string;
  webhookId: string;
  url: string;
  reason: WebhookEnd;
  disabledAt: Date;
}
export interface LogLimits {
  /** What is finished is kept so long; so is what waits for an endpoint that is disabled. */
  keptMs: number;
  /** Of one endpoint. */
  mostFinished: number;
  /** More than this waiting for one endpoint disables it. */
  mostWaiting: number;
}
interface EndpointKey {
  company_id: string;
  id: string;
}
const of = "company_id = :companyId and endpoint_id = :webhookId";
/** Rows that one statement looks at: the oldest. */
const batch = 1_000;
const mostBatches = 20;

/** Bounds of what endpoints keep, and what there is to tell of them; any sender does it. */
export class WebhookUpkeep {
  constructor(private readonly db: Knex) {}

  /** Notices nobody gave yet. Two senders may give the same one: better twice than never. */
  dueNotices(): Promise<DueNotice[]> {
    return queryRows(
      this.db,
      `select company_id as "companyId", id as "webhookId", url, disabled_reason as reason, disabled_at as "disabledAt"
       from webhook_endpoints where is_notice_due and disabled_at is not null limit 100`,
    );
  }

  async noticeGiven({ companyId, webhookId, disabledAt }: DueNotice): Promise<void> {
    await queryRows(
      this.db,
      `update webhook_endpoints set is_notice_due = false
       where company_id = :companyId and id = :webhookId and disabled_at = :disabledAt`,
      { companyId, webhookId, disabledAt },
    );
  }

  /** Forgets what is old or too much, of every endpoint in its turn; answers how many rows went. */
  async trim(limits: LogLimits): Promise<number> {
    let trimmed = 0;
    for (const key of await this.endpoints())
      for (let n = 0, gone = batch; n < mostBatches && gone === batch; n++) {
        gone = await this.trimOldest(key, limits);
        trimmed += gone;
      }
    return trimmed;
  }

  /** Disables endpoints for which too much waits. */
  async refuseBacklogs(limits: LogLimits): Promise<number> {
    const rows = await queryRows(
      this.db,
      `update webhook_endpoints e set disabled_at = now(), disabled_reason = 'backlog', is_notice_due = true
       where disabled_at is null and :mostWaiting < (select count(*) from (
         select from webhook_deliveries d where d.company_id = e.company_id and d.endpoint_id = e.id
           and d.next_attempt_at is not null limit :mostWaiting + 1) waiting)
       returning id`,
      { mostWaiting: limits.mostWaiting },
    );
    return rows.length;
  }

  /** `oldestDueAt`: of what could be sent now, since its endpoint neither fails nor is disabled. */
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
       order by position desc offset :mostFinished limit 1`,
      { ...key, mostFinished: limits.mostFinished },
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
