import type { Webhook, WebhookAttempt, WebhookDelivery, WebhookDisabledReason } from "@syszap/contracts";
import { isoOf } from "../../sql/timestamps.ts";

export interface WebhookRow {
  id: string;
  url: string;
  description: string;
  event_types: string[] | null;
  is_one_at_a_time: boolean;
  previous_secret_until: Date | null;
  disabled_at: Date | null;
  disabled_reason: WebhookDisabledReason | null;
  failing_since: Date | null;
  paused_until: Date | null;
  last_success_at: Date | null;
  last_failure_at: Date | null;
  created_at: Date;
  updated_at: Date;
}
export const webhookColumns = `id, url, description, event_types, is_one_at_a_time, previous_secret_until, disabled_at, disabled_reason,
  failing_since, paused_until, last_success_at, last_failure_at, created_at, updated_at`;

const future = (date: Date | null) => (date !== null && date.getTime() > Date.now() ? date.toISOString() : null);

export const toWebhook = (row: WebhookRow): Webhook => ({
  id: row.id,
  url: row.url,
  description: row.description,
  eventTypes: row.event_types,
  isOneAtATime: row.is_one_at_a_time,
  isEnabled: row.disabled_at === null,
  disabledAt: isoOf(row.disabled_at),
  disabledReason: row.disabled_reason,
  failingSince: isoOf(row.failing_since),
  pausedUntil: future(row.paused_until),
  lastSuccessAt: isoOf(row.last_success_at),
  lastFailureAt: isoOf(row.last_failure_at),
  previousSecretEndsAt: future(row.previous_secret_until),
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

export interface DeliveryRow {
  event_id: string;
  /** A bigint, which `pg` returns as text. */
  position: string;
  event_type: string;
  state: WebhookDelivery["state"];
  attempts: number;
  tries: WebhookAttempt[];
  next_attempt_at: Date | null;
  created_at: Date;
  finished_at: Date | null;
}
export const deliveryColumns =
  "event_id, position, event_type, state, attempts, tries, next_attempt_at, created_at, finished_at";

export const toDelivery = (row: DeliveryRow): WebhookDelivery => ({
  eventId: row.event_id,
  eventType: row.event_type,
  state: row.state,
  attempts: row.attempts,
  tries: row.tries,
  nextAttemptAt: isoOf(row.next_attempt_at),
  createdAt: row.created_at.toISOString(),
  finishedAt: isoOf(row.finished_at),
});
