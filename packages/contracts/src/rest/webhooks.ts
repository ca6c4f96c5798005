import { z } from "zod";
import {
  maxWebhookDescriptionLength,
  maxWebhookUrlLength,
  selectableTypes,
  webhookDeliveryStates,
  webhookFailures,
} from "../constants/index.ts";
import { Timestamp, WebhookDisabledReason } from "../vocabulary.ts";
import { PageRequest, storable } from "./requests.ts";

/** Prefix of every signing secret (Standard Webhooks). */
export const webhookSecretPrefix = "whsec_";
/** Type of the event that a test sends. No real event has this type. */
export const webhookTestType = "webhook_test";

export const WebhookEventType = z.enum(selectableTypes);

/** An endpoint to which a company's events are sent. */
export const Webhook = z.object({
  id: z.uuid(),
  url: z.string(),
  description: z.string(),
  eventTypes: z.array(z.string()).nullable().describe("null: all types, including those that a later release adds"),
  isOneAtATime: z
    .boolean()
    .describe("true: an event is sent only after the one before it was delivered or given up; false: concurrently"),
  isEnabled: z.boolean(),
  disabledAt: Timestamp.nullable(),
  disabledReason: WebhookDisabledReason.nullable().describe(
    "new events are not stored for a disabled endpoint; waiting deliveries stay in the queue",
  ),
  failingSince: Timestamp.nullable().describe("all attempts since then failed; null: the last attempt succeeded"),
  pausedUntil: Timestamp.nullable().describe("set after consecutive failures: until then no attempt is made"),
  lastSuccessAt: Timestamp.nullable().describe("accurate to a few seconds"),
  lastFailureAt: Timestamp.nullable(),
  previousSecretEndsAt: Timestamp.nullable().describe("until then requests are signed with both secrets"),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Webhook = z.infer<typeof Webhook>;
export const NewWebhook = Webhook.extend({ secret: z.string().describe("returned only once") });
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WebhookDeliveryState = z
  .enum(webhookDeliveryStates)
  .describe("waiting: for the first or next attempt; failed: no further automatic attempt");

export const WebhookFailure = z.enum(webhookFailures);
export type WebhookFailure = z.infer<typeof WebhookFailure>;

/** One delivery attempt. */
export const WebhookAttempt = z.object({
  at: Timestamp,
  durationMs: z.number().int(),
  status: z.number().int().nullable().describe("HTTP status; null: no answer"),
  error: z.string().nullable().describe("why the attempt failed, in English"),
  reason: z.string().optional().describe("the failure as a WebhookFailure; a newer sender may use other values"),
  excerpt: z.string().describe("start of the answer's body"),
});
export type WebhookAttempt = z.infer<typeof WebhookAttempt>;

/** The delivery of one event to one endpoint. */
export const WebhookDelivery = z.object({
  eventId: z.uuid().describe("the `webhook-id` header, the same for every attempt"),
  eventType: z.string(),
  state: WebhookDeliveryState,
  attempts: z.number().int().describe("attempts since creation or the last redrive"),
  tries: z.array(WebhookAttempt).describe("the last twenty attempts, oldest first"),
  nextAttemptAt: Timestamp.nullable(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
export const WebhookDeliveryDetails = WebhookDelivery.extend({ body: z.string().describe("request body") });
export type WebhookDeliveryDetails = z.infer<typeof WebhookDeliveryDetails>;

/** Refuses credentials, which would appear in logs, and removes the fragment, which has no effect. */
const WebhookUrl = z
  .url({ protocol: /^https?$/, error: "must be an https:// URL", abort: true })
  .max(maxWebhookUrlLength)
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === "" && password === "";
  }, "must not contain a user or password: verify the signature instead")
  .transform((text) => Object.assign(new URL(text), { hash: "" }).href);
const EventTypes = z
  .array(WebhookEventType)
  .min(1)
  .max(100)
  .transform((types) => [...new Set(types)]);
const Description = storable(z.string().trim().max(maxWebhookDescriptionLength));

export const CreateWebhookRequest = z.object({
  url: WebhookUrl,
  description: Description.default(""),
  eventTypes: EventTypes.nullable().default(null).describe("null or absent: all types"),
  isOneAtATime: z.boolean().default(false),
});
/** Absent fields stay unchanged. */
export const UpdateWebhookRequest = z.object({
  url: WebhookUrl.optional(),
  description: Description.optional(),
  eventTypes: EventTypes.nullable().optional(),
  isOneAtATime: z.boolean().optional(),
});
export const RotateWebhookSecretRequest = z.object({
  overlapHours: z.number().int().min(0).max(168).default(24).describe("how long both secrets sign"),
});
export const WebhookDeliveryFilter = z.object({
  state: WebhookDeliveryState.optional(),
  eventType: storable(z.string().max(100)).optional(),
});
export type WebhookDeliveryFilter = z.infer<typeof WebhookDeliveryFilter>;
export const WebhookDeliveryPageRequest = PageRequest.extend(WebhookDeliveryFilter.shape);
