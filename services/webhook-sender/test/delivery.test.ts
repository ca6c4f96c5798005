import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect } from "vitest";
import { addWebhook, eventually, logOf, secret, tell, tellMany, test, webhookNow } from "./fixtures.ts";

test("an event reaches every endpoint whose filter names its type, signed, as it was published, within a second", async ({
  world,
}) => {
  const [acme, other] = [await world.openCompany(), await world.openCompany()];
  const [all, some, none, foreign] = [
    await world.receiver(),
    await world.receiver(),
    await world.receiver(),
    await world.receiver(),
  ];
  const webhook = await addWebhook(world, acme, all.url);
  await addWebhook(world, acme, some.url, ["session_status"]);
  await addWebhook(world, acme, none.url, ["new_message"]);
  await addWebhook(world, other, foreign.url);
  await world.startSender();
  const [id] = await tell(world, acme);
  const [first] = await all.count(1);
  await some.count(1);
  expect(first?.id).toBe(id);
  expect(first?.headers).toMatchObject({ "content-type": "application/json", "webhook-id": id });
  expect(new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {})).toEqual({
    ...{ type: "session_status", id, version: expect.any(Number) },
    data: expect.objectContaining({ sessionId: acme.session.id, status: acme.session.status }),
  });
  await eventually(async () => (await logOf(world, acme, webhook)).map(({ state }) => state)).toEqual(["delivered"]);
  const [entry] = await logOf(world, acme, webhook);
  expect(entry).toMatchObject({ eventId: id, attempts: 1, nextAttemptAt: null });
  expect(entry?.tries).toMatchObject([{ status: 204, error: null }]);
  // Barriers: what the others must not get would have come before these.
  await tell(world, other);
  await foreign.count(1);
  expect(foreign.received).toHaveLength(1);
  expect(none.received).toEqual([]);
});

test("a changed body or another secret does not verify", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  await addWebhook(world, acme, receiver.url);
  await world.startSender();
  await tell(world, acme);
  const [first] = await receiver.count(1);
  const { body = "", headers = {} } = first ?? {};
  expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`).verify(body, headers)).toThrow();
});

test("while a secret is rotated each request is signed with both, afterwards with the new one", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  const webhook = await addWebhook(world, acme, receiver.url);
  const newSecret = `whsec_${Buffer.from("um segredo novo, de 32 bytes....").toString("base64")}`;
  const rotate = (overlapMs: number) =>
    world.db.withCompany(acme.companyId, ({ webhooks }) => webhooks.rotateSecret(webhook.id, newSecret, overlapMs));
  await rotate(60_000);
  await world.startSender();
  await tell(world, acme);
  const [both] = await receiver.count(1);
  for (const each of [secret, newSecret]) new Webhook(each).verify(both?.body ?? "", both?.headers ?? {});
  await rotate(0);
  await eventually(async () => (await logOf(world, acme, webhook)).map(({ state }) => state)).toEqual(["delivered"]);
  await tell(world, acme);
  const { headers = {}, body = "" } = (await receiver.count(2))[1] ?? {};
  new Webhook(newSecret).verify(body, headers);
  expect(() => new Webhook(secret).verify(body, headers)).toThrow();
});

test("what failed is tried again with the same id until it is taken", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => {
    if (receiver.received.length < 3) res.writeHead(500).end("estou de férias");
    else res.writeHead(200).end();
  });
  const webhook = await addWebhook(world, acme, receiver.url);
  await world.startSender();
  const [id] = await tell(world, acme);
  const received = await receiver.count(3);
  expect(received.map((each) => each.id)).toEqual([id, id, id]);
  await eventually(async () => (await logOf(world, acme, webhook))[0]?.state).toBe("delivered");
  const [entry] = await logOf(world, acme, webhook);
  expect(entry?.tries.map(({ status, excerpt }) => [status, excerpt])).toEqual([
    [500, "estou de férias"],
    [500, "estou de férias"],
    [200, ""],
  ]);
  expect(await webhookNow(world, acme, webhook)).toMatchObject({ failingSince: null, isEnabled: true });
});

test("after its last attempt an event is given up; redriven, it has all attempts before it", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => void res.writeHead(400).end());
  const webhook = await addWebhook(world, acme, receiver.url);
  await world.startSender();
  const [id = ""] = await tell(world, acme);
  await eventually(async () => (await logOf(world, acme, webhook))[0]?.state).toBe("failed");
  expect(receiver.received).toHaveLength(4);
  receiver.answer((_received, res) => void res.writeHead(200).end());
  await world.db.withCompany(acme.companyId, ({ webhookDeliveries }) => webhookDeliveries.redrive(webhook.id, id));
  await eventually(async () => (await logOf(world, acme, webhook))[0]?.state).toBe("delivered");
  expect(receiver.received.map((each) => each.id)).toEqual([id, id, id, id, id]);
});

test("events about the same thing are sent one after the other, others side by side, within the endpoint's bound", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
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
  await addWebhook(world, acme, receiver.url);
  const sessions = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const told: string[] = [];
  for (let n = 0; n < 10; n++) told.push(...(await tell(world, acme, sessions)));
  await world.startSender();
  await receiver.count(told.length);
  const aboutOf = (body: string) => JSON.parse(body).data.sessionId;
  for (const [place, session] of sessions.entries()) {
    const ids = receiver.received.filter(({ body }) => aboutOf(body) === session).map(({ id }) => id);
    expect(ids).toEqual(told.filter((_, index) => index % sessions.length === place));
  }
  expect(overlaps).toBe(0);
  expect(receiver.mostOpen).toBe(4);
});

test("an event that is refused holds up no other", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  await addWebhook(world, acme, receiver.url);
  const [bad = "", ...good] = [
    ...(await tell(world, acme)),
    ...(await tell(world, acme)),
    ...(await tell(world, acme)),
  ];
  receiver.answer(({ id }, res) => void res.writeHead(id === bad ? 500 : 200).end());
  await world.startSender({ WEBHOOK_BACKOFF_SECONDS: "3600" });
  await receiver.count(3);
  expect(receiver.received.map(({ id }) => id)).toEqual([bad, ...good]);
});

test("requests of all endpoints together stay within the bound, and a slow endpoint delays no quick one", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const slow = await world.receiver();
  const quick = await world.receiver();
  slow.answer((_received, res) => void setTimeout(() => res.writeHead(200).end(), 1_000));
  await addWebhook(world, acme, slow.url);
  await addWebhook(world, acme, quick.url);
  await tellMany(world, acme, 60);
  await world.startSender({ WEBHOOK_CONCURRENCY: "5" });
  await quick.count(60);
  expect(slow.received.length).toBeLessThan(20);
  expect(slow.mostOpen).toBeLessThanOrEqual(4);
  expect(quick.mostOpen).toBeLessThanOrEqual(5);
});

test("what waited while an endpoint was disabled is sent when it is enabled; what happened meanwhile is not", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  const webhook = await addWebhook(world, acme, receiver.url);
  const [before] = await tell(world, acme);
  const change = (what: "enable" | "disable") =>
    world.db.withCompany(acme.companyId, ({ webhooks }) => webhooks[what](webhook.id));
  await change("disable");
  await tell(world, acme);
  await world.startSender();
  await change("enable");
  const [after] = await tell(world, acme);
  const received = await receiver.count(2);
  expect(received.map(({ id }) => id)).toEqual([before, after]);
});
