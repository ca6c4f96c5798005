import type { NewWebhook, Page, Webhook, WebhookDelivery } from "@syszap/contracts";
import type { Http } from "./http.ts";

export interface WebhookSettings {
  url: string;
  description: string;
  /** Null: all. */
  eventTypes: string[] | null;
}
export type DeliveryState = WebhookDelivery["state"];

/** Where the company's events are sent to, and what became of them. */
export class WebhookApi {
  private readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  list = async (signal?: AbortSignal) =>
    (await this.http.json<{ items: Webhook[] }>("/v1/webhooks", signal ? { signal } : {})).items;
  create = (body: WebhookSettings) => this.http.json<NewWebhook>("/v1/webhooks", { method: "POST", body });
  update = (id: string, body: WebhookSettings) =>
    this.http.json<Webhook>(`/v1/webhooks/${id}`, { method: "PATCH", body });
  remove = (id: string) => this.http.json<void>(`/v1/webhooks/${id}`, { method: "DELETE" });
  rotateSecret = (id: string) => this.http.json<NewWebhook>(`/v1/webhooks/${id}/rotate-secret`, { method: "POST" });
  act = (id: string, act: "enable" | "disable" | "test") =>
    this.http.json(`/v1/webhooks/${id}/${act}`, { method: "POST" });

  deliveries = (
    id: string,
    { state, before }: { state: DeliveryState | undefined; before: string | undefined },
    signal?: AbortSignal,
  ) =>
    this.http.json<Page<WebhookDelivery>>(`/v1/webhooks/${id}/deliveries`, {
      query: { state, before, limit: 20 },
      ...(signal && { signal }),
    });
  redrive = (id: string, eventId: string) =>
    this.http.json<WebhookDelivery>(`/v1/webhooks/${id}/deliveries/${eventId}/redrive`, { method: "POST" });
  redriveFailed = (id: string) =>
    this.http.json<{ redriven: number; remaining: number }>(`/v1/webhooks/${id}/redrive`, { method: "POST" });
}
