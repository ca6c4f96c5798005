import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { expect } from "vitest";
import { addWebhook, deliveriesOf, emitMany, emitStatus, eventually, reloadWebhook, secret, test } from "./fixtures.ts";

test("sends a signed event, as published, to every endpoint whose filter includes its type", async ({
  environment,
}) => {
  const [acme, other] = [await environment.openCompany(), await environment.openCompany()];
  const [all, some, none, foreign] = [
    await environment.receiver(),
    await environment.receiver(),
    await environment.receiver(),
    await environment.receiver(),
  ];
  const webhook = await addWebhook(environment, acme, all.url);
  await addWebhook(environment, acme, some.url, { eventTypes: ["session_status"] });
  await addWebhook(environment, acme, none.url, { eventTypes: ["new_message"] });
  await addWebhook(environment, other, foreign.url);
  await environment.startSender();
  const [id] = await emitStatus(environment, acme);
  const [first] = await all.count(1);
  await some.count(1);
  expect(first?.id).toBe(id);
  expect(first?.headers).toMatchObject({ "content-type": "application/json", "webhook-id": id });
  expect(new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {})).toEqual({
    type: "session_status",
    id,
    version: expect.any(Number),
    data: expect.objectContaining({ sessionId: acme.session.id, status: acme.session.status }),
  });
  await eventually(async () => (await deliveriesOf(environment, acme, webhook)).map(({ state }) => state)).toEqual([
    "delivered",
  ]);
  const [entry] = await deliveriesOf(environment, acme, webhook);
  expect(entry).toMatchObject({ eventId: id, attempts: 1, nextAttemptAt: null });
  expect(entry?.tries).toMatchObject([{ status: 204, error: null }]);
  // Barrier: an event sent to the wrong endpoint would have arrived before this one.
  await emitStatus(environment, other);
  await foreign.count(1);
  expect(foreign.received).toHaveLength(1);
  expect(none.received).toEqual([]);
});

test("signs so that neither a changed body nor another secret verifies", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  await emitStatus(environment, acme);
  const [first] = await receiver.count(1);
  const { body = "", headers = {} } = first ?? {};
  expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`).verify(body, headers)).toThrow();
});

test("signs with both secrets during a rotation, and with the new one afterwards", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const webhook = await addWebhook(environment, acme, receiver.url);
  const newSecret = `whsec_${Buffer.from("um segredo novo, de 32 bytes....").toString("base64")}`;
  const rotate = (overlapMs: number) =>
    environment.db.withCompany(acme.companyId, ({ webhooks }) =>
      webhooks.rotateSecret(webhook.id, newSecret, overlapMs),
    );
  await rotate(60_000);
  await environment.startSender();
  await emitStatus(environment, acme);
  const [both] = await receiver.count(1);
  for (const each of [secret, newSecret]) new Webhook(each).verify(both?.body ?? "", both?.headers ?? {});
  await rotate(0);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook)).map(({ state }) => state)).toEqual([
    "delivered",
  ]);
  await emitStatus(environment, acme);
  const { headers = {}, body = "" } = (await receiver.count(2))[1] ?? {};
  new Webhook(newSecret).verify(body, headers);
  expect(() => new Webhook(secret).verify(body, headers)).toThrow();
});

test("retries a failed event with the same id until the receiver accepts it", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => {
    if (receiver.received.length < 3) res.writeHead(500).end("estou de férias");
    else res.writeHead(200).end();
  });
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  const [id] = await emitStatus(environment, acme);
  const received = await receiver.count(3);
  expect(received.map((each) => each.id)).toEqual([id, id, id]);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("delivered");
  const [entry] = await deliveriesOf(environment, acme, webhook);
  expect(entry?.tries.map(({ status, excerpt }) => [status, excerpt])).toEqual([
    [500, "estou de férias"],
    [500, "estou de férias"],
    [200, ""],
  ]);
  expect(await reloadWebhook(environment, acme, webhook)).toMatchObject({ failingSince: null, isEnabled: true });
});

test("gives an event up after its last attempt, and starts over when it is redriven", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => void res.writeHead(400).end());
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  const [id = ""] = await emitStatus(environment, acme);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("failed");
  expect(receiver.received).toHaveLength(4);
  receiver.answer((_received, res) => void res.writeHead(200).end());
  await environment.db.withCompany(acme.companyId, ({ webhookDeliveries }) =>
    webhookDeliveries.redrive(webhook.id, id),
  );
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("delivered");
  expect(receiver.received.map((each) => each.id)).toEqual([id, id, id, id, id]);
});

test("sends events about one session in order and others concurrently, up to the limit of the endpoint", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const openOf = new Map<string, number>();
  let overlaps = 0;
  receiver.answer((received, res) => {
    const { sessionId } = JSON.parse(received.body).data;
    openOf.set(sessionId, (openOf.get(sessionId) ?? 0) + 1);
    if ((openOf.get(sessionId) ?? 0) > 1) overlaps++;
    setTimeout(() => {
      openOf.set(sessionId, (openOf.get(sessionId) ?? 0) - 1);
      res.writeHead(200).end();
    }, 10);
  });
  await addWebhook(environment, acme, receiver.url);
  const sessions = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const emitted: string[] = [];
  for (let n = 0; n < 10; n++) emitted.push(...(await emitStatus(environment, acme, sessions)));
  await environment.startSender();
  await receiver.count(emitted.length);
  const sessionOf = (body: string) => JSON.parse(body).data.sessionId;
  for (const [position, session] of sessions.entries()) {
    const ids = receiver.received.filter(({ body }) => sessionOf(body) === session).map(({ id }) => id);
    expect(ids).toEqual(emitted.filter((_, index) => index % sessions.length === position));
  }
  expect(overlaps).toBe(0);
  expect(receiver.maxOpen).toBe(4);
});

test("does not delay other events when one is rejected", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  await addWebhook(environment, acme, receiver.url);
  const [bad = "", ...good] = [
    ...(await emitStatus(environment, acme)),
    ...(await emitStatus(environment, acme)),
    ...(await emitStatus(environment, acme)),
  ];
  receiver.answer(({ id }, res) => void res.writeHead(id === bad ? 500 : 200).end());
  await environment.startSender({ WEBHOOK_BACKOFF_SECONDS: "3600" });
  await receiver.count(3);
  expect(receiver.received.map(({ id }) => id)).toEqual([bad, ...good]);
});

test("limits concurrent requests across endpoints, and a slow endpoint does not delay a quick one", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const slow = await environment.receiver();
  const quick = await environment.receiver();
  const unanswered: ServerResponse[] = [];
  slow.answer((_received, res) => void unanswered.push(res));
  await addWebhook(environment, acme, slow.url);
  await addWebhook(environment, acme, quick.url);
  await emitMany(environment, acme, 60);
  await environment.startSender({ WEBHOOK_CONCURRENCY: "5", WEBHOOK_TIMEOUT_MS: "30000" });
  await quick.count(60);
  expect(slow.received.length).toBeLessThanOrEqual(4);
  expect(quick.maxOpen).toBeLessThanOrEqual(5);
  slow.answer((_received, res) => void res.writeHead(200).end());
  for (const res of unanswered) res.writeHead(200).end();
  await slow.count(60);
  expect(slow.maxOpen).toBeLessThanOrEqual(4);
});

test("sends waiting events when an endpoint is enabled again, but none emitted while it was disabled", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const webhook = await addWebhook(environment, acme, receiver.url);
  const [before] = await emitStatus(environment, acme);
  const change = (action: "enable" | "disable") =>
    environment.db.withCompany(acme.companyId, ({ webhooks }) => webhooks[action](webhook.id));
  await change("disable");
  await emitStatus(environment, acme);
  await environment.startSender();
  await change("enable");
  const [after] = await emitStatus(environment, acme);
  const received = await receiver.count(2);
  expect(received.map(({ id }) => id)).toEqual([before, after]);
});
