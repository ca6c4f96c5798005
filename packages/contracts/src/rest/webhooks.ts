import { z } from "zod";
import {
  durableTypes,
  maxWebhookDescriptionLength,
  maxWebhookUrlLength,
  webhookDeliveryStates,
  webhookFailures,
} from "../constants/index.ts";
import { Timestamp, WebhookEnd } from "../vocabulary.ts";
import { PageRequest, storable } from "./requests.ts";

/** How every signing secret begins (Standard Webhooks). */
export const webhookSecretPrefix = "whsec_";
/** What a test sends; no event of the company has this type. */
export const webhookTestType = "webhook_test";

export const WebhookEventType = z.enum(durableTypes);

/** Where a company's events are sent to. */
export const Webhook = z.object({
  id: z.uuid(),
  url: z.string(),
  description: z.string(),
  eventTypes: z.array(z.string()).nullable().describe("null: all of them, also those that a later release adds"),
  isEnabled: z.boolean(),
  disabledAt: Timestamp.nullable(),
  disabledReason: WebhookEnd.nullable().describe(
    "nothing is kept for a disabled endpoint; what waited goes on waiting",
  ),
  failingSince: Timestamp.nullable().describe("every attempt since then failed; null: the last one did not"),
  pausedUntil: Timestamp.nullable().describe("after failures in a row it is tried from time to time"),
  lastSuccessAt: Timestamp.nullable().describe("exact to some seconds"),
  lastFailureAt: Timestamp.nullable(),
  previousSecretEndsAt: Timestamp.nullable().describe("until then each request is signed with both secrets"),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Webhook = z.infer<typeof Webhook>;
export const NewWebhook = Webhook.extend({ secret: z.string().describe("shown now and never again") });
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WebhookDeliveryState = z
  .enum(webhookDeliveryStates)
  .describe("waiting: for its first or next attempt; failed: no further one by itself");

export const WebhookFailure = z.enum(webhookFailures);
export type WebhookFailure = z.infer<typeof WebhookFailure>;

/** One attempt. */
export const WebhookTry = z.object({
  at: Timestamp,
  durationMs: z.number().int(),
  status: z.number().int().nullable().describe("null: there was no answer"),
  error: z.string().nullable().describe("why it counts as failed, in English"),
  reason: z.string().optional().describe("the same as a WebhookFailure; a newer sender may give others"),
  excerpt: z.string().describe("how the answer's body begins"),
});
export type WebhookTry = z.infer<typeof WebhookTry>;

/** An event on its way to one endpoint. */
export const WebhookDelivery = z.object({
  eventId: z.uuid().describe("the request's `webhook-id`: the same for every attempt"),
  eventType: z.string(),
  state: WebhookDeliveryState,
  attempts: z.number().int().describe("since it was made, or redriven"),
  tries: z.array(WebhookTry).describe("the last twenty, oldest first"),
  nextAttemptAt: Timestamp.nullable(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
export const WebhookDeliveryDetails = WebhookDelivery.extend({ body: z.string().describe("what is sent") });
export type WebhookDeliveryDetails = z.infer<typeof WebhookDeliveryDetails>;

/** Without credentials and fragment: they would stand in logs, and be of no use. */
const WebhookUrl = z
  .url({ protocol: /^https?$/, error: "must be an https:// address", abort: true })
  .max(maxWebhookUrlLength)
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === "" && password === "";
  }, "must not hold a user or password: check the signature instead")
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
  eventTypes: EventTypes.nullable().default(null).describe("null or absent: all"),
});
/** What is absent stays. */
export const UpdateWebhookRequest = z.object({
  url: WebhookUrl.optional(),
  description: Description.optional(),
  eventTypes: EventTypes.nullable().optional(),
});
export const RotateWebhookSecretRequest = z.object({
  overlapHours: z.number().int().min(0).max(168).default(24).describe("how long the old one signs too"),
});
export const WebhookDeliveryFilter = z.object({
  state: WebhookDeliveryState.optional(),
  eventType: z.string().max(100).optional(),
});
export type WebhookDeliveryFilter = z.infer<typeof WebhookDeliveryFilter>;
export const WebhookDeliveryPageRequest = PageRequest.extend(WebhookDeliveryFilter.shape);
