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
const tag = "Webhooks";

export const webhookRoutes = {
  listWebhooks: {
    ...endpoints.listWebhooks,
    tag,
    summary: "List the company's webhook endpoints, newest first",
    caller: "manager",
    answer: { status: 200, description: "All endpoints.", body: z.object({ items: z.array(Webhook) }) },
  },
  createWebhook: {
    ...endpoints.createWebhook,
    tag,
    summary: "Create a webhook endpoint; the signing secret is returned only once",
    caller: "manager",
    body: CreateWebhookRequest,
    answer: { status: 201, description: "The endpoint, with its secret.", body: NewWebhook },
    problems: [409],
  },
  getWebhook: {
    ...endpoints.getWebhook,
    tag,
    summary: "Get a webhook endpoint and its state",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  updateWebhook: {
    ...endpoints.updateWebhook,
    tag,
    summary: "Change URL, description or event types; effective within seconds",
    caller: "manager",
    params: ById,
    body: UpdateWebhookRequest,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  removeWebhook: {
    ...endpoints.removeWebhook,
    tag,
    summary: "Remove an endpoint with its log and waiting deliveries",
    caller: "manager",
    params: ById,
    answer: { status: 204, description: "The endpoint is removed." },
  },
  enableWebhook: {
    ...endpoints.enableWebhook,
    tag,
    summary: "Enable an endpoint: send waiting deliveries and new events",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  disableWebhook: {
    ...endpoints.disableWebhook,
    tag,
    summary: "Disable an endpoint: send nothing, and do not store new events for it",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "The endpoint.", body: Webhook },
  },
  rotateWebhookSecret: {
    ...endpoints.rotateWebhookSecret,
    tag,
    summary: "Replace the signing secret; both secrets sign for a while",
    caller: "manager",
    params: ById,
    body: RotateWebhookSecretRequest,
    mayOmitBody: true,
    answer: { status: 200, description: "The endpoint, with the new secret.", body: NewWebhook },
  },
  testWebhook: {
    ...endpoints.testWebhook,
    tag,
    summary: "Send a `webhook_test` event, regardless of the event type filter",
    caller: "manager",
    params: ById,
    answer: { status: 202, description: "The delivery. Its result will appear in the log.", body: WebhookDelivery },
    problems: [409, 429],
  },
  listWebhookDeliveries: {
    ...endpoints.listWebhookDeliveries,
    tag,
    summary: "List deliveries and their results, newest first",
    caller: "manager",
    params: ById,
    query: WebhookDeliveryPageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(WebhookDelivery) },
  },
  getWebhookDelivery: {
    ...endpoints.getWebhookDelivery,
    tag,
    summary: "Get a delivery with its body",
    caller: "manager",
    params: OfDelivery,
    answer: { status: 200, description: "The delivery.", body: WebhookDeliveryDetails },
  },
  redriveWebhookDelivery: {
    ...endpoints.redriveWebhookDelivery,
    tag,
    summary: "Send a delivery again, delivered or not, with the same `webhook-id`",
    caller: "manager",
    params: OfDelivery,
    answer: { status: 202, description: "The delivery, waiting, with its previous attempts.", body: WebhookDelivery },
    problems: [409],
  },
  redriveWebhookDeliveries: {
    ...endpoints.redriveWebhookDeliveries,
    tag,
    summary: `Send failed deliveries again, at most ${maxRedriven} per request`,
    caller: "manager",
    params: ById,
    answer: { status: 202, description: "The deliveries wait, in their original order.", body: RedriveAnswer },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
