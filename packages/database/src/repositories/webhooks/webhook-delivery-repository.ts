import type { Page, WebhookDelivery, WebhookDeliveryDetails, WebhookDeliveryFilter } from "@syszap/contracts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import type { Scope } from "../../sql/query.ts";
import { type DeliveryRow, deliveryColumns, toDelivery } from "./webhook-rows.ts";

type DeliveryPage = WebhookDeliveryFilter & { before?: string | undefined; limit: number };
const resend = `state = 'waiting', attempts = 0, next_attempt_at = now(), finished_at = null`;

/** Deliveries to the company's webhook endpoints. A trigger on the outbox adds the events. */
export class WebhookDeliveryRepository {
  constructor(private readonly scope: Scope) {}

  /** Newest first. */
  async list(webhookId: string, { before, limit, state, eventType }: DeliveryPage): Promise<Page<WebhookDelivery>> {
    const from = fromPageKey(before, /^\d{1,18}$/);
    const rows = await this.scope.rows<DeliveryRow>(
      `select ${deliveryColumns} from webhook_deliveries
       where company_id = :companyId and endpoint_id = :webhookId
         ${state === undefined ? "" : "and state = :state"} ${eventType === undefined ? "" : "and event_type = :eventType"}
         ${from === undefined ? "" : "and position < :position::bigint"}
       order by position desc limit :limit`,
      {
        webhookId,
        limit: limit + 1,
        ...(state !== undefined && { state }),
        ...(eventType !== undefined && { eventType }),
        ...(from !== undefined && { position: from.value }),
      },
    );
    return toPage(rows, limit, { item: toDelivery, key: (row) => ({ value: row.position, id: row.event_id }) });
  }

  async find(webhookId: string, eventId: string): Promise<WebhookDeliveryDetails | undefined> {
    const row = await this.scope.row<DeliveryRow & { body: string }>(
      `select ${deliveryColumns}, body from webhook_deliveries
       where company_id = :companyId and endpoint_id = :webhookId and event_id = :eventId`,
      { webhookId, eventId },
    );
    return row && { ...toDelivery(row), body: row.body };
  }

  /** Adds a test delivery, which is not an event of the company. */
  async add(
    webhookId: string,
    { id, type, body }: { id: string; type: string; body: string },
  ): Promise<WebhookDelivery> {
    const row = await this.scope.one<DeliveryRow>(
      `insert into webhook_deliveries (company_id, endpoint_id, event_id, event_type, order_key, body)
       values (:companyId, :webhookId, :id, :type, :id, :body) returning ${deliveryColumns}`,
      { webhookId, id, type, body },
    );
    return toDelivery(row);
  }

  /** Sends a finished delivery again, with a fresh set of attempts. Undefined when there is none, or when it waits already. */
  async redrive(webhookId: string, eventId: string): Promise<WebhookDelivery | undefined> {
    const row = await this.scope.row<DeliveryRow>(
      `update webhook_deliveries set ${resend}
       where company_id = :companyId and endpoint_id = :webhookId and event_id = :eventId and state <> 'waiting'
       returning ${deliveryColumns}`,
      { webhookId, eventId },
    );
    return row && toDelivery(row);
  }

  /** Sends failed deliveries again, oldest first. `remaining` counts those that are still failed. */
  async redriveFailed(webhookId: string, limit: number): Promise<{ redriven: number; remaining: number }> {
    const failed = "company_id = :companyId and endpoint_id = :webhookId and state = 'failed'";
    const rows = await this.scope.rows(
      `update webhook_deliveries set ${resend}
       where company_id = :companyId and endpoint_id = :webhookId and event_id in (
         select event_id from webhook_deliveries where ${failed} order by position limit :limit for update skip locked
       ) returning event_id`,
      { webhookId, limit },
    );
    const { remaining } = await this.scope.one<{ remaining: number }>(
      `select count(*)::int as remaining from webhook_deliveries where ${failed}`,
      { webhookId },
    );
    return { redriven: rows.length, remaining };
  }
}
