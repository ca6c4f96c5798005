import type { Webhook } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { toWebhook, type WebhookRow, webhookColumns } from "./webhook-rows.ts";

interface WebhookSettings {
  url: string;
  description: string;
  /** Null selects all event types. */
  eventTypes: string[] | null;
  /** Sends each event only after the one before it was delivered or given up. */
  isOneAtATime?: boolean | undefined;
}
type WebhookChanges = { [Name in keyof WebhookSettings]?: WebhookSettings[Name] | undefined };
const resetFailures = "failures = 0, failing_since = null, paused_until = null";

/** The company's webhook endpoints. */
export class WebhookRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when the company has `limit` endpoints. Creations in one company run one after the other, so the limit is exact. */
  async create(settings: WebhookSettings & { secret: string }, limit: number): Promise<Webhook | undefined> {
    lockNames(this.scope, [["webhooks", this.scope.companyId]]);
    const row = await this.scope.row<WebhookRow>(
      `insert into webhook_endpoints (company_id, url, description, event_types, is_one_at_a_time, secret)
       select :companyId, :url, :description, :eventTypes::text[], :isOneAtATime::boolean, :secret
       where (select count(*) from webhook_endpoints where company_id = :companyId) < :limit
       returning ${webhookColumns}`,
      { ...settings, isOneAtATime: settings.isOneAtATime ?? false, limit },
    );
    return row && toWebhook(row);
  }

  /** Newest first. */
  async list(): Promise<Webhook[]> {
    const rows = await this.scope.rows<WebhookRow>(
      `select ${webhookColumns} from webhook_endpoints where company_id = :companyId order by created_at desc, id desc`,
    );
    return rows.map(toWebhook);
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row = await this.scope.row<WebhookRow>(
      `select ${webhookColumns} from webhook_endpoints where company_id = :companyId and id = :id`,
      { id },
    );
    return row && toWebhook(row);
  }

  /** Absent fields stay unchanged. A new URL resets failures and pauses, so it is tried at once. */
  update(id: string, { url, description, eventTypes, isOneAtATime }: WebhookChanges): Promise<Webhook | undefined> {
    const changes = [
      url === undefined ? "" : `url = :url, ${resetFailures},`,
      description === undefined ? "" : "description = :description,",
      eventTypes === undefined ? "" : "event_types = :eventTypes::text[],",
      isOneAtATime === undefined ? "" : "is_one_at_a_time = :isOneAtATime,",
    ].join(" ");
    return this.change(id, changes, {
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...(eventTypes !== undefined && { eventTypes }),
      ...(isOneAtATime !== undefined && { isOneAtATime }),
    });
  }

  /** Resumes delivery, including the events that wait. Has no effect on an enabled endpoint. */
  enable(id: string): Promise<Webhook | undefined> {
    const fresh = (column: string, value: string) =>
      `${column} = case when disabled_at is null then ${column} else ${value} end,`;
    const changes = [fresh("failures", "0"), fresh("failing_since", "null"), fresh("paused_until", "null")].join(" ");
    return this.change(id, `${changes} disabled_at = null, disabled_reason = null, is_notice_due = false,`, {});
  }

  /** Disabled by a user, so no notice is due. */
  disable(id: string): Promise<Webhook | undefined> {
    return this.change(
      id,
      "disabled_at = coalesce(disabled_at, now()), disabled_reason = coalesce(disabled_reason, 'person'),",
      {},
    );
  }

  /** The old secret also signs for another `overlapMs`. A secret that was rotated out earlier stops signing now. */
  rotateSecret(id: string, secret: string, overlapMs: number): Promise<Webhook | undefined> {
    return this.change(
      id,
      `previous_secret = secret, previous_secret_until = now() + :overlapMs * interval '1 millisecond', secret = :secret,`,
      { secret, overlapMs },
    );
  }

  /** Also deletes its delivery log and waiting events. False when there is no such endpoint. */
  async remove(id: string): Promise<boolean> {
    const row = await this.scope.row(
      "delete from webhook_endpoints where company_id = :companyId and id = :id returning id",
      { id },
    );
    return row !== undefined;
  }

  private async change(
    id: string,
    changes: string,
    bindings: Record<string, string | number | boolean | string[] | null>,
  ): Promise<Webhook | undefined> {
    const row = await this.scope.row<WebhookRow>(
      `update webhook_endpoints set ${changes} updated_at = now()
       where company_id = :companyId and id = :id returning ${webhookColumns}`,
      { ...bindings, id },
    );
    return row && toWebhook(row);
  }
}
