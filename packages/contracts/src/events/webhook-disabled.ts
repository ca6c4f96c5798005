import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, WebhookEnd } from "../vocabulary.ts";

/** A webhook endpoint gets nothing any more, and nobody of the company asked for that. For managers; `GET /v1/webhooks` tells it to whoever missed it. */
export const webhookDisabled = defineEvent("webhook_disabled", {
  webhookId: z.uuid(),
  url: z.string(),
  reason: WebhookEnd.exclude(["person"]),
  timestamp: Timestamp,
});
