import { randomUUID } from "node:crypto";
import type { Audience, Webhook, WebhookAttempt } from "@syszap/contracts";
import { expect } from "vitest";
import type { Database, FailedTry, LaneLimits } from "../src/index.ts";
import { type Inbox, newMessage, openInbox, openKnex, test } from "./fixtures.ts";

const claim = { limit: 10, forMs: 3_600_000 };
const limits: LaneLimits = {
  pauseAfter: 5,
  firstPauseMs: 60_000,
  maxPauseMs: 60_000,
  disableAfterMs: 0,
  disableAfter: 3,
};
const attempt: WebhookAttempt = { at: new Date(0).toISOString(), durationMs: 1, status: 500, error: "no", excerpt: "" };
const failure: FailedTry = { try: attempt, retryInMs: 0, pauseMs: null, isGone: false };

async function addWebhook(db: Database, { companyId }: Inbox, eventTypes: string[] | null = null): Promise<Webhook> {
  const webhook = await db.withCompany(companyId, ({ webhooks }) =>
    webhooks.create({ url: "https://example.com/", description: "", eventTypes, secret: "whsec_c2VjcmV0" }, 10),
  );
  if (!webhook) throw new Error("the webhook was not created");
  return webhook;
}
const emitUpdate = ({ companyId, chat }: Inbox, db: Database, version = 1) =>
  db.withCompany(companyId, async ({ emit }) => emit.chatUpdate({ ...chat, version }));
const logOf = async (db: Database, { companyId }: Inbox, { id }: Webhook) =>
  (await db.withCompany(companyId, ({ webhookDeliveries }) => webhookDeliveries.list(id, { limit: 100 }))).items;
const find = (db: Database, { companyId }: Inbox, { id }: Webhook) =>
  db.withCompany(companyId, ({ webhooks }) => webhooks.find(id));

test("adds the events of a transaction to each enabled endpoint that selects them, with the exact body", async ({
  db,
  publisher,
}) => {
  const [inbox, other] = [await openInbox(db), await openInbox(db)];
  const body = '𝕴 "aspas" \\barra\\ \u2028 {"x":1e400} \u0007';
  const all = await addWebhook(db, inbox);
  const some = await addWebhook(db, inbox, ["new_message"]);
  const foreign = await addWebhook(db, other);
  const disabled = await addWebhook(db, inbox);
  await db.withCompany(inbox.companyId, ({ webhooks }) => webhooks.disable(disabled.id));
  await db.withCompany(inbox.companyId, async (unit) => {
    const message = await unit.messages.insertOnce(newMessage(inbox, { body }));
    if (!message) throw new Error("the message was not stored");
    const chat = await unit.chatRecorder.recordMessage(message);
    unit.emit.newMessage(message, chat);
    unit.emit.chatUpdate(chat);
  });
  const published = publisher.published.map(({ event: { audience: _, ...event } }) => event);
  const log = await logOf(db, inbox, all);
  expect(log.map(({ eventType, state }) => [eventType, state])).toEqual([
    ["chat_update", "waiting"],
    ["new_message", "waiting"],
  ]);
  const [entry] = await logOf(db, inbox, some);
  const details = await db.withCompany(inbox.companyId, ({ webhookDeliveries }) =>
    webhookDeliveries.find(some.id, entry?.eventId ?? ""),
  );
  const event = published.find(({ type }) => type === "new_message");
  expect(details?.body).toBe(
    JSON.stringify({ type: event?.type, id: event?.id, version: event?.version, data: event?.data }),
  );
  expect(details?.eventId).toBe(event?.id);
  expect([await logOf(db, other, foreign), await logOf(db, inbox, disabled)]).toEqual([[], []]);
});

test("sends events of every reach to webhooks, but not those about the reach of one user", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  const lists = { teams: [randomUUID()], users: [] };
  const audiences: Audience[] = [
    { kind: "reach", ...lists },
    { kind: "company" },
    { kind: "reach", ...lists, except: { teams: [], users: [] } },
    { kind: "user", userId: randomUUID() },
    { kind: "role", roles: ["agent"] },
  ];
  const events = audiences.map((audience) => ({ type: "chat_gone", id: randomUUID(), version: 1, audience, data: {} }));
  await owner("outbox").insert({ company_id: inbox.companyId, id: randomUUID(), events: JSON.stringify(events) });
  const sent = (await logOf(db, inbox, webhook)).map(({ eventId }) => eventId);
  expect(sent.toSorted()).toEqual([events[0]?.id, events[1]?.id].toSorted());
});

test("delivers nothing of a rolled back transaction, and a repeated event once", async ({ db }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  const failing = db.withCompany(inbox.companyId, async ({ emit, chats }) => {
    emit.chatUpdate(inbox.chat);
    await chats.find(randomUUID());
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await logOf(db, inbox, webhook)).toEqual([]);
  await emitUpdate(inbox, db);
  await emitUpdate(inbox, db);
  expect(await logOf(db, inbox, webhook)).toHaveLength(1);
});

test("removing an endpoint does not fail a concurrent transaction with events", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  const removal = await owner.transaction();
  await removal.raw("set local role syszap_app");
  await removal.raw("select set_config('app.company_id', ?, true)", [inbox.companyId]);
  await removal.raw("delete from webhook_endpoints where id = ?", [webhook.id]);
  const emitting = emitUpdate(inbox, db);
  await expect
    .poll(async () => {
      const { rows } = await owner.raw(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    })
    .toBe(1);
  await removal.commit();
  await emitting;
  expect(await find(db, inbox, webhook)).toBeUndefined();
});

test("one sender at a time serves an endpoint, and another one after the claim expired", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  await emitUpdate(inbox, db);
  const { webhookLanes } = db.system;
  const [first, second] = [randomUUID(), randomUUID()];
  const [lane] = await webhookLanes.claim({ holder: first, ...claim });
  if (!lane) throw new Error("nothing was claimed");
  expect(lane).toMatchObject({ companyId: inbox.companyId, webhookId: webhook.id });
  expect(await webhookLanes.claim({ holder: second, ...claim })).toEqual([]);
  expect(await webhookLanes.due(lane, second, 10)).toEqual([]);
  expect(await webhookLanes.due(lane, first, 10)).toHaveLength(1);
  await owner.raw("set role syszap_system; update webhook_endpoints set held_until = now(); reset role");
  expect(await webhookLanes.claim({ holder: second, ...claim })).toHaveLength(1);
  expect(await webhookLanes.due(lane, first, 10)).toEqual([]);
  await webhookLanes.release(lane, first);
  expect(await webhookLanes.due(lane, second, 10)).toHaveLength(1);
});

test("gives an endpoint to one of two concurrent claims, also while a transaction adds events", async ({
  db,
  database,
}) => {
  const inbox = await openInbox(db);
  await addWebhook(db, inbox);
  await emitUpdate(inbox, db);
  const app = openKnex(database.appUrl);
  const adding = await app.transaction();
  try {
    await adding.raw("select set_config('app.company_id', ?, true)", [inbox.companyId]);
    const events = JSON.stringify([{ type: "chat_update", id: randomUUID(), version: 9, data: { Id: inbox.chat.id } }]);
    await adding("outbox").insert({ company_id: inbox.companyId, id: randomUUID(), events });
    const claims = [randomUUID(), randomUUID()].map((holder) => db.system.webhookLanes.claim({ holder, ...claim }));
    expect((await Promise.all(claims)).flat()).toHaveLength(1);
  } finally {
    await adding.rollback();
    await app.destroy();
  }
});

test("failures disable an endpoint and make a notice due, and a success resets the count", async ({ db }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  for (let version = 1; version <= 3; version++) await emitUpdate(inbox, db, version);
  const { webhookLanes, webhookUpkeep } = db.system;
  const holder = randomUUID();
  const [lane] = await webhookLanes.claim({ holder, ...claim });
  if (!lane) throw new Error("nothing was claimed");
  const [one, two] = (await webhookLanes.due(lane, holder, 10)).map(({ eventId }) => eventId);
  const fail = () => webhookLanes.failed(lane, one ?? "", failure, limits);
  await fail();
  await fail();
  await webhookLanes.delivered(lane, two ?? "", { ...attempt, status: 200, error: null });
  expect(await find(db, inbox, webhook)).toMatchObject({ isEnabled: true, failingSince: null });
  await fail();
  expect(await fail()).toMatchObject({ failures: 2, disabledReason: null });
  expect(await fail()).toMatchObject({ failures: 3, disabledReason: "failing" });
  expect(await webhookLanes.due(lane, holder, 10)).toEqual([]);
  const [notice] = await webhookUpkeep.dueNotices();
  expect(notice).toMatchObject({ webhookId: webhook.id, reason: "failing" });
  if (notice) await webhookUpkeep.recordNotice(notice);
  expect(await webhookUpkeep.dueNotices()).toEqual([]);
  const enabled = await db.withCompany(inbox.companyId, ({ webhooks }) => webhooks.enable(webhook.id));
  expect(enabled).toMatchObject({ isEnabled: true, failingSince: null, disabledReason: null });
});

test("deletes the oldest finished deliveries beyond the limits, and keeps waiting ones", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  for (let version = 1; version <= 6; version++) await emitUpdate(inbox, db, version);
  const { webhookLanes, webhookUpkeep } = db.system;
  const holder = randomUUID();
  const [lane] = await webhookLanes.claim({ holder, ...claim });
  if (!lane) throw new Error("nothing was claimed");
  const [waiting, ...finished] = (await webhookLanes.due(lane, holder, 10)).map(({ eventId }) => eventId);
  for (const eventId of finished) await webhookLanes.delivered(lane, eventId, { ...attempt, status: 200 });
  const bounds = { keptMs: 86_400_000, maxFinished: 3, maxWaiting: 100 };
  expect(await webhookUpkeep.trim(bounds)).toBe(2);
  const left = (await logOf(db, inbox, webhook)).map(({ eventId }) => eventId);
  expect(left).toEqual([...finished.slice(2).toReversed(), waiting]);
  await owner.transaction(async (trx) => {
    await trx.raw("set local role syszap_system");
    await trx.raw("update webhook_deliveries set finished_at = now() - interval '2 days' where event_id = ?", [
      finished[2] ?? "",
    ]);
  });
  expect(await webhookUpkeep.trim(bounds)).toBe(1);
  expect(await webhookUpkeep.trim(bounds)).toBe(0);
});

test("disables an endpoint with too many waiting deliveries, without failing the transaction", async ({ db }) => {
  const inbox = await openInbox(db);
  const webhook = await addWebhook(db, inbox);
  const bounds = { keptMs: 1, maxFinished: 1, maxWaiting: 2 };
  for (let version = 1; version <= 2; version++) await emitUpdate(inbox, db, version);
  expect(await db.system.webhookUpkeep.disableBacklogged(bounds)).toBe(0);
  await emitUpdate(inbox, db, 3);
  expect(await db.system.webhookUpkeep.disableBacklogged(bounds)).toBe(1);
  expect(await find(db, inbox, webhook)).toMatchObject({ isEnabled: false, disabledReason: "backlog" });
  expect(await db.system.webhookUpkeep.backlog()).toMatchObject({ enabled: 0, disabled: 1, oldestDueAt: null });
});

test("limits the endpoints of a company, also for concurrent creations", async ({ db }) => {
  const inbox = await openInbox(db);
  const settings = { url: "https://example.com/", description: "", eventTypes: null, secret: "whsec_c2VjcmV0" };
  const created = await Promise.all(
    Array.from({ length: 4 }, () => db.withCompany(inbox.companyId, ({ webhooks }) => webhooks.create(settings, 2))),
  );
  expect(created.filter((webhook) => webhook !== undefined)).toHaveLength(2);
});
