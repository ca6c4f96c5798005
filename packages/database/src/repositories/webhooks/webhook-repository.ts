import type { Webhook } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import { queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { toWebhook, type WebhookRow, webhookColumns } from "./webhook-rows.ts";

interface WebhookSettings {
  url: string;
  description: string;
  /** Null: all. */
  eventTypes: string[] | null;
}
type WebhookChanges = { [Name in keyof WebhookSettings]?: WebhookSettings[Name] | undefined };
const unharmed = "failures = 0, failing_since = null, paused_until = null";

/** Where the company's events are sent to. */
export class WebhookRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when the company has `limit` of them: one after the other is counted. */
  async create(settings: WebhookSettings & { secret: string }, limit: number): Promise<Webhook | undefined> {
    const { db, companyId } = this.scope;
    lockNames(this.scope, [["webhooks", companyId]]);
    const row = await queryRow<WebhookRow>(
      db,
      `insert into webhook_endpoints (company_id, url, description, event_types, secret)
       select :companyId, :url, :description, :eventTypes::text[], :secret
       where (select count(*) from webhook_endpoints where company_id = :companyId) < :limit
       returning ${webhookColumns}`,
      { ...settings, companyId, limit },
    );
    return row && toWebhook(row);
  }

  /** All of them, newest first. */
  async list(): Promise<Webhook[]> {
    const rows = await queryRows<WebhookRow>(
      this.scope.db,
      `select ${webhookColumns} from webhook_endpoints where company_id = :companyId order by created_at desc, id desc`,
      { companyId: this.scope.companyId },
    );
    return rows.map(toWebhook);
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row = await queryRow<WebhookRow>(
      this.scope.db,
      `select ${webhookColumns} from webhook_endpoints where company_id = :companyId and id = :id`,
      { companyId: this.scope.companyId, id },
    );
    return row && toWebhook(row);
  }

  /** What is absent stays. Another address is tried at once, whatever the old one did. */
  update(id: string, { url, description, eventTypes }: WebhookChanges): Promise<Webhook | undefined> {
    const changes = [
      url === undefined ? "" : `url = :url, ${unharmed},`,
      description === undefined ? "" : "description = :description,",
      eventTypes === undefined ? "" : "event_types = :eventTypes::text[],",
    ].join(" ");
    return this.change(id, changes, {
      ...(url !== undefined && { url }),
      ...(description !== undefined && { description }),
      ...(eventTypes !== undefined && { eventTypes }),
    });
  }

  /** What waits is sent, and what happens from now on. Without effect on one that is enabled. */
  enable(id: string): Promise<Webhook | undefined> {
    const fresh = (column: string, value: string) =>
      `${column} = case when disabled_at is null then ${column} else ${value} end,`;
    const changes = [fresh("failures", "0"), fresh("failing_since", "null"), fresh("paused_until", "null")].join(" ");
    return this.change(id, `${changes} disabled_at = null, disabled_reason = null, is_notice_due = false,`, {});
  }

  /** By a person: nobody needs to be told. */
  disable(id: string): Promise<Webhook | undefined> {
    return this.change(
      id,
      "disabled_at = coalesce(disabled_at, now()), disabled_reason = coalesce(disabled_reason, 'person'),",
      {},
    );
  }

  /** The old secret signs too for as long as it is told; one that was old already does no more. */
  rotateSecret(id: string, secret: string, overlapMs: number): Promise<Webhook | undefined> {
    return this.change(
      id,
      `previous_secret = secret, previous_secret_until = now() + :overlapMs * interval '1 millisecond', secret = :secret,`,
      { secret, overlapMs },
    );
  }

  /** With its log, and all that waits for it. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const row = await queryRow(
      this.scope.db,
      "delete from webhook_endpoints where company_id = :companyId and id = :id returning id",
      { companyId: this.scope.companyId, id },
    );
    return row !== undefined;
  }

  private async change(
    id: string,
    changes: string,
    bindings: Record<string, string | number | string[] | null>,
  ): Promise<Webhook | undefined> {
    const row = await queryRow<WebhookRow>(
      this.scope.db,
      `update webhook_endpoints set ${changes} updated_at = now()
       where company_id = :companyId and id = :id returning ${webhookColumns}`,
      { ...bindings, companyId: this.scope.companyId, id },
    );
    return row && toWebhook(row);
  }
}
