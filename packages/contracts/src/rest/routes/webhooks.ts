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
    summary: "Where the company's events are sent to, newest first",
    caller: "manager",
    answer: { status: 200, description: "All of them.", body: z.object({ items: z.array(Webhook) }) },
  },
  createWebhook: {
    ...endpoints.createWebhook,
    tag,
    summary: "Send events to an address from now on; the signing secret is shown this once",
    caller: "manager",
    body: CreateWebhookRequest,
    answer: { status: 201, description: "The endpoint, with its secret.", body: NewWebhook },
    problems: [409],
  },
  getWebhook: {
    ...endpoints.getWebhook,
    tag,
    summary: "One endpoint, and how it does",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "It.", body: Webhook },
  },
  updateWebhook: {
    ...endpoints.updateWebhook,
    tag,
    summary: "Change address, description or event types; requests follow within seconds",
    caller: "manager",
    params: ById,
    body: UpdateWebhookRequest,
    answer: { status: 200, description: "As it is now.", body: Webhook },
  },
  removeWebhook: {
    ...endpoints.removeWebhook,
    tag,
    summary: "Remove an endpoint, with its log and all that waits for it",
    caller: "manager",
    params: ById,
    answer: { status: 204, description: "It is gone." },
  },
  enableWebhook: {
    ...endpoints.enableWebhook,
    tag,
    summary: "Send events again: what waits, and what happens from now on",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "As it is now.", body: Webhook },
  },
  disableWebhook: {
    ...endpoints.disableWebhook,
    tag,
    summary: "Send nothing, and keep nothing that happens meanwhile",
    caller: "manager",
    params: ById,
    answer: { status: 200, description: "As it is now.", body: Webhook },
  },
  rotateWebhookSecret: {
    ...endpoints.rotateWebhookSecret,
    tag,
    summary: "A new secret; the old one signs too for a while",
    caller: "manager",
    params: ById,
    body: RotateWebhookSecretRequest,
    mayOmitBody: true,
    answer: { status: 200, description: "The endpoint, with the new secret.", body: NewWebhook },
  },
  testWebhook: {
    ...endpoints.testWebhook,
    tag,
    summary: "Send a `webhook_test`, whatever the filter",
    caller: "manager",
    params: ById,
    answer: { status: 202, description: "Its place in the log, where its outcome will stand.", body: WebhookDelivery },
    problems: [409, 429],
  },
  listWebhookDeliveries: {
    ...endpoints.listWebhookDeliveries,
    tag,
    summary: "What was sent, and what became of it, newest first",
    caller: "manager",
    params: ById,
    query: WebhookDeliveryPageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(WebhookDelivery) },
  },
  getWebhookDelivery: {
    ...endpoints.getWebhookDelivery,
    tag,
    summary: "One, with its body",
    caller: "manager",
    params: OfDelivery,
    answer: { status: 200, description: "It.", body: WebhookDeliveryDetails },
  },
  redriveWebhookDelivery: {
    ...endpoints.redriveWebhookDelivery,
    tag,
    summary: "Send one again, delivered or not, under its own `webhook-id`",
    caller: "manager",
    params: OfDelivery,
    answer: { status: 202, description: "It waits, with all its attempts before it.", body: WebhookDelivery },
    problems: [409],
  },
  redriveWebhookDeliveries: {
    ...endpoints.redriveWebhookDeliveries,
    tag,
    summary: `Send again what failed, at most ${maxRedriven} by one request`,
    caller: "manager",
    params: ById,
    answer: { status: 202, description: "They wait, in their old order.", body: RedriveAnswer },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
