import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { Timestamp, WebhookDisabledReason } from "../vocabulary.ts";

/** A webhook endpoint was disabled automatically. Sent to managers; `GET /v1/webhooks` returns the current state. */
export const webhookDisabled = defineEvent("webhook_disabled", {
  webhookId: z.uuid(),
  url: z.string(),
  reason: WebhookDisabledReason.exclude(["person"]),
  timestamp: Timestamp,
});
