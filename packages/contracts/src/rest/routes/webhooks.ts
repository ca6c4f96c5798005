import { z } from "zod";
import { endpoints, maxRedriven } from "../../constants/index.ts";
import { RedriveAnswer } from "../dead-letters.ts";
import type { RouteDefinition } from "../define-route.ts";
import { pageOf } from "../requests.ts";
import {
  CreateWebhookRequest,
  NewWebhook,
  RotateWebhookSecretRequest,
  UpdateWebhookRequest,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryPageRequest,
} from "../webhooks.ts";

const ById = z.object({ id: z.uuid() });
const OfDelivery = z.object({ id: z.uuid(), eventId: z.uuid() });
const shared = { tag: "Webhooks", caller: "manager", scopes: ["manage:webhooks"] } as const;

export const webhookRoutes = {
  listWebhooks: {
    ...endpoints.listWebhooks,
    ...shared,
    summary: "List the company's webhook endpoints, newest first",
    answer: { status: 200, description: "All endpoints.", body: z.object({ items: z.array(Webhook) }) },
  },
  createWebhook: {
    ...endpoints.createWebhook,
    ...shared,
    summary: "Create a webhook endpoint; the signing secret is returned only once",
    body: CreateWebhookRequest,
    answer: { status: 201, description: "The endpoint, with its secret.", body: NewWebhook },
    problems: [409],
  },
  getWebhook: {
    ...endpoints.getWebhook,
    ...shared,
    summary: "Get a webhook endpoint and its state",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  updateWebhook: {
    ...endpoints.updateWebhook,
    ...shared,
    summary: "Change URL, description or event types; effective within seconds",
    params: ById,
    body: UpdateWebhookRequest,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  removeWebhook: {
    ...endpoints.removeWebhook,
    ...shared,
    summary: "Remove an endpoint with its log and waiting deliveries",
    params: ById,
    answer: { status: 204, description: "The endpoint is removed." },
  },
  enableWebhook: {
    ...endpoints.enableWebhook,
    ...shared,
    summary: "Enable an endpoint: send waiting deliveries and new events",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  disableWebhook: {
    ...endpoints.disableWebhook,
    ...shared,
    summary: "Disable an endpoint: send nothing, and do not store new events for it",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  rotateWebhookSecret: {
    ...endpoints.rotateWebhookSecret,
    ...shared,
    summary: "Replace the signing secret; both secrets sign for a while",
    params: ById,
    body: RotateWebhookSecretRequest,
    mayOmitBody: true,
    answer: { status: 200, description: "The endpoint, with the new secret.", body: NewWebhook },
  },
  testWebhook: {
    ...endpoints.testWebhook,
    ...shared,
    summary: "Send a `webhook_test` event, regardless of the event type filter",
    params: ById,
    answer: { status: 202, description: "The delivery. Its result will appear in the log.", body: WebhookDelivery },
    problems: [409, 429],
  },
  listWebhookDeliveries: {
    ...endpoints.listWebhookDeliveries,
    ...shared,
    summary: "List deliveries and their results, newest first",
    params: ById,
    query: WebhookDeliveryPageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(WebhookDelivery) },
  },
  getWebhookDelivery: {
    ...endpoints.getWebhookDelivery,
    ...shared,
    summary: "Get a delivery with its body",
    params: OfDelivery,
    answer: { status: 200, description: "The delivery.", body: WebhookDeliveryDetails },
  },
  redriveWebhookDelivery: {
    ...endpoints.redriveWebhookDelivery,
    ...shared,
    summary: "Send a delivery again, delivered or not, with the same `webhook-id`",
    params: OfDelivery,
    answer: { status: 202, description: "The delivery, waiting, with its previous attempts.", body: WebhookDelivery },
    problems: [409],
  },
  redriveWebhookDeliveries: {
    ...endpoints.redriveWebhookDeliveries,
    ...shared,
    summary: `Send failed deliveries again, at most ${maxRedriven} per request`,
    params: ById,
    answer: { status: 202, description: "The deliveries wait, in their original order.", body: RedriveAnswer },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
