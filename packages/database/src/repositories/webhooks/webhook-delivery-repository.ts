import type { Page, WebhookDelivery, WebhookDeliveryDetails, WebhookDeliveryFilter } from "@syszap/contracts";
import { fromPageKey, toPage } from "../../sql/page-key.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { type DeliveryRow, deliveryColumns, toDelivery } from "./webhook-rows.ts";

type DeliveryPage = WebhookDeliveryFilter & { before?: string | undefined; limit: number };
const again = `state = 'waiting', attempts = 0, next_attempt_at = now(), finished_at = null`;

/** What is sent to the company's endpoints, and what became of it. Events are put here by the outbox itself. */
export class WebhookDeliveryRepository {
  constructor(private readonly scope: Scope) {}

  /** Newest first. */
  async list(webhookId: string, { before, limit, state, eventType }: DeliveryPage): Promise<Page<WebhookDelivery>> {
    const from = fromPageKey(before, /^\d{1,19}$/);
    const rows = await queryRows<DeliveryRow>(
      this.scope.db,
      `select ${deliveryColumns} from webhook_deliveries
       where company_id = :companyId and endpoint_id = :webhookId
         ${state === undefined ? "" : "and state = :state"} ${eventType === undefined ? "" : "and event_type = :eventType"}
         ${from === undefined ? "" : "and position < :position::bigint"}
       order by position desc limit :limit`,
      {
        ...{ ...this.of(webhookId), limit: limit + 1 },
        ...(state !== undefined && { state }),
        ...(eventType !== undefined && { eventType }),
        ...(from !== undefined && { position: from.value }),
      },
    );
    return toPage(rows, limit, { item: toDelivery, key: (row) => ({ value: row.position, id: row.event_id }) });
  }

  async find(webhookId: string, eventId: string): Promise<WebhookDeliveryDetails | undefined> {
    const row = await queryRow<DeliveryRow & { body: string }>(
      this.scope.db,
      `select ${deliveryColumns}, body from webhook_deliveries
       where company_id = :companyId and endpoint_id = :webhookId and event_id = :eventId`,
      { ...this.of(webhookId), eventId },
    );
    return row && { ...toDelivery(row), body: row.body };
  }

  /** What is no event of the company: a test. */
  async add(
    webhookId: string,
    { id, type, body }: { id: string; type: string; body: string },
  ): Promise<WebhookDelivery> {
    const row = await queryOne<DeliveryRow>(
      this.scope.db,
      `insert into webhook_deliveries (company_id, endpoint_id, event_id, event_type, order_key, body)
       values (:companyId, :webhookId, :id, :type, :id, :body) returning ${deliveryColumns}`,
      { ...this.of(webhookId), id, type, body },
    );
    return toDelivery(row);
  }

  /** Sends it again, with all attempts before it. Undefined when there is none, or when it waits anyway. */
  async redrive(webhookId: string, eventId: string): Promise<WebhookDelivery | undefined> {
    const row = await queryRow<DeliveryRow>(
      this.scope.db,
      `update webhook_deliveries set ${again}
       where company_id = :companyId and endpoint_id = :webhookId and event_id = :eventId and state <> 'waiting'
       returning ${deliveryColumns}`,
      { ...this.of(webhookId), eventId },
    );
    return row && toDelivery(row);
  }

  /** Those that failed, the oldest first. `remaining` rest still. */
  async redriveFailed(webhookId: string, limit: number): Promise<{ redriven: number; remaining: number }> {
    const failed = "company_id = :companyId and endpoint_id = :webhookId and state = 'failed'";
    const rows = await queryRows(
      this.scope.db,
      `update webhook_deliveries set ${again}
       where company_id = :companyId and endpoint_id = :webhookId and event_id in (
         select event_id from webhook_deliveries where ${failed} order by position limit :limit for update skip locked
       ) returning event_id`,
      { ...this.of(webhookId), limit },
    );
    const { remaining } = await queryOne<{ remaining: number }>(
      this.scope.db,
      `select count(*)::int as remaining from webhook_deliveries where ${failed}`,
      this.of(webhookId),
    );
    return { redriven: rows.length, remaining };
  }

  private of(webhookId: string) {
    return { companyId: this.scope.companyId, webhookId };
  }
}
