import type { ApiKey, AuditEntry, Consumer, DeadLetter, Statistics, Webhook, WebhookDelivery } from "@syszap/contracts";
import { ago, days, fractions, hours, idOf, inMinutes, now, timeZone } from "./ids.ts";
import { owner, people, sessionIds } from "./people.ts";

const by = (number: number): AuditEntry["actor"] => ({
  kind: "user",
  id: people[number - 1]?.id ?? null,
  name: people[number - 1]?.name ?? null,
  loginId: idOf("login", number),
  address: "203.0.113.7",
});
const entry = (number: number, more: Partial<AuditEntry> & Pick<AuditEntry, "action">): AuditEntry => ({
  id: idOf("audit", number),
  occurredAt: ago(number * 43),
  actor: by(1),
  target: null,
  before: null,
  after: null,
  ...more,
});
export const auditLog: AuditEntry[] = [
  entry(1, {
    ...{ action: "settings_changed", target: { kind: "company", id: owner.companyId, name: null } },
    ...{ before: { agentsSee: "all" }, after: { agentsSee: "team" } },
  }),
  entry(2, { action: "session_connected", target: { kind: "session", id: sessionIds[0] ?? "", name: null } }),
  entry(3, {
    ...{ action: "user_role_changed", target: { kind: "user", id: people[1]?.id ?? "", name: "Bruno Lima" } },
    ...{ before: { role: "agent" }, after: { role: "admin" } },
  }),
  entry(4, {
    action: "sign_in_blocked",
    actor: { kind: "system", id: null, name: null, loginId: null, address: "198.51.100.23" },
  }),
  entry(5, { action: "team_created", actor: by(2), after: { name: "Suporte" } }),
];

export const apiKeys: ApiKey[] = [
  {
    ...{ id: idOf("key", 1), userId: owner.userId, name: "CRM", scopes: ["read", "send"], hint: "syszap_8Kd2f" },
    ...{ expiresAt: inMinutes(60 * days), lastUsedAt: ago(12), revokedAt: null, createdAt: ago(30 * days) },
  },
  {
    ...{ id: idOf("key", 2), userId: owner.userId, name: "Relatórios", scopes: ["read"], hint: "syszap_Qm71x" },
    ...{ expiresAt: null, lastUsedAt: null, revokedAt: ago(2 * days), createdAt: ago(90 * days) },
  },
];

const webhook = (number: number, more: Partial<Webhook>): Webhook => ({
  id: idOf("webhook", number),
  url: "https://crm.example.com/hooks/syszap",
  description: "CRM",
  eventTypes: null,
  isOneAtATime: false,
  isEnabled: true,
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  pausedUntil: null,
  lastSuccessAt: ago(3),
  lastFailureAt: null,
  previousSecretEndsAt: null,
  createdAt: ago(40 * days),
  updatedAt: ago(2 * days),
  ...more,
});
export const webhooks: Webhook[] = [
  webhook(1, {}),
  webhook(2, {
    url: "https://erp.example.com/um/caminho/bastante/longo/para/ver/como/a/linha/quebra",
    ...{ description: "", eventTypes: ["new_message", "message_status"], isOneAtATime: true },
    ...{ failingSince: ago(50), pausedUntil: inMinutes(10), lastFailureAt: ago(2) },
  }),
];
const delivery = (number: number, more: Partial<WebhookDelivery>): WebhookDelivery => ({
  eventId: idOf("event", number),
  eventType: "new_message",
  state: "delivered",
  attempts: 1,
  tries: [{ at: ago(number), durationMs: 84, status: 200, error: null, excerpt: "ok" }],
  nextAttemptAt: null,
  createdAt: ago(number),
  finishedAt: ago(number),
  ...more,
});
export const deliveries: WebhookDelivery[] = [
  delivery(3, {}),
  delivery(9, {
    ...{ eventType: "message_status", state: "failed", attempts: 8 },
    tries: [
      {
        at: ago(9),
        durationMs: 10_000,
        status: 503,
        error: "the endpoint answered 503",
        reason: "status",
        excerpt: "",
      },
    ],
  }),
];

export const consumers: Consumer[] = [
  {
    ...{ name: "erp", types: null, cursor: "0a1b2c3d.4512", eventsBehind: 0 },
    ...{ oldestUnacknowledgedAt: null, acknowledgedAt: ago(1), createdAt: ago(30 * days) },
  },
  {
    ...{ name: "relatorios", types: ["new_message", "message_status"], cursor: "0a1b2c3d.1200", eventsBehind: 3_312 },
    ...{ oldestUnacknowledgedAt: ago(30 * hours), acknowledgedAt: ago(30 * hours), createdAt: ago(20 * days) },
  },
];

export const deadLetters: DeadLetter[] = [
  {
    ...{ id: idOf("letter", 1), companyId: owner.companyId, queue: "outbound-messages", jobName: "message" },
    ...{ jobId: idOf("job", 1), reason: "no_whatsapp", payloadSummary: "chatId string(36), body string(42)" },
    ...{ state: "resting", mayRedrive: true, failures: 1, attempts: 3, note: null },
    ...{ createdAt: ago(2 * hours), failedAt: ago(2 * hours), redrivenAt: null, closedAt: null },
  },
  {
    ...{ id: idOf("letter", 2), companyId: owner.companyId, queue: "inbound-messages", jobName: "media" },
    ...{
      jobId: "b".repeat(40),
      reason: "the file is larger than 100 MB",
      payloadSummary: "waKey string(20), size number",
    },
    ...{ state: "resting", mayRedrive: false, failures: 2, attempts: 8, note: null },
    ...{ createdAt: ago(26 * hours), failedAt: ago(25 * hours), redrivenAt: ago(25.5 * hours), closedAt: null },
  },
];

const startsAt = new Date("2026-03-10T03:00:00.000Z");
const dayMs = 86_400_000;

/** A day with two busy times, as a bakery has. */
function minutesOfToday(perMinute: number, seed: number): number[] {
  const random = fractions(seed);
  const elapsed = (now.getTime() - startsAt.getTime()) / 60_000;
  return Array.from({ length: elapsed }, (_, minute) => {
    const hour = minute / 60;
    const busy = Math.exp(-((hour - 8.5) ** 2) / 3) + 0.7 * Math.exp(-((hour - 13) ** 2) / 2);
    return Math.floor(busy * perMinute * random() * 2);
  });
}
const received = minutesOfToday(5, 1);
const sent = minutesOfToday(4, 2);
const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);
const random = fractions(3);

export const statistics: Statistics = {
  timeZone,
  readAt: now.toISOString(),
  today: {
    startsAt: startsAt.toISOString(),
    endsAt: new Date(startsAt.getTime() + dayMs).toISOString(),
    received,
    sent,
  },
  perDay: Array.from({ length: 30 }, (_, index) => {
    const at = new Date(startsAt.getTime() - (29 - index) * dayMs);
    const isToday = index === 29;
    const isSunday = at.getUTCDay() === 0;
    return {
      day: at.toISOString().slice(0, 10),
      startsAt: at.toISOString(),
      received: isToday ? total(received) : Math.floor((isSunday ? 200 : 700) + random() * 400),
      sent: isToday ? total(sent) : Math.floor((isSunday ? 120 : 500) + random() * 300),
    };
  }),
  waiting: { chats: 4, since: ago(74) },
  firstAnswer: { answers: 212, medianMs: 4 * 60_000, p90Ms: 31 * 60_000 },
  sessions: { connected: 2, connecting: 0, qr: 1, disconnected: 1 },
  sending: { waiting: 3, since: ago(2) },
  live: {
    ...{ people: 3, connections: 4, gateways: 2, receiving: 0 },
    latency: { events: 1_874, p50Ms: 12, p99Ms: 61 },
  },
};
