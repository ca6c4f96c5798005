import { channels, type Webhook } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import {
  addWebhook,
  type Company,
  deliveriesOf,
  emitMany,
  emitStatus,
  eventually,
  reloadWebhook,
  type TestEnvironment,
  test,
} from "./fixtures.ts";

async function firstTry(environment: TestEnvironment, company: Company, webhook: Webhook) {
  await eventually(async () => (await deliveriesOf(environment, company, webhook))[0]?.tries.length).toBeGreaterThan(0);
  return (await deliveriesOf(environment, company, webhook))[0];
}

test("410 disables an endpoint at once and notifies the managers of its company", async ({ environment, redisUrl }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => void res.writeHead(410).end());
  const webhook = await addWebhook(environment, acme, receiver.url);
  const listener = new Redis(redisUrl);
  onTestFinished(() => listener.disconnect());
  await listener.subscribe(channels.company(acme.companyId));
  const notice = new Promise<Buffer>((resolve) =>
    listener.on("messageBuffer", (_channel, payload) => resolve(payload)),
  );
  await environment.startSender();
  await emitStatus(environment, acme);
  const publication = splitPayload(await notice);
  expect(JSON.parse(publication?.frame.toString() ?? "")).toMatchObject({
    type: "webhook_disabled",
    data: { webhookId: webhook.id, url: webhook.url, reason: "gone" },
  });
  expect(publication?.header.audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
  expect(await reloadWebhook(environment, acme, webhook)).toMatchObject({ isEnabled: false, disabledReason: "gone" });
  await emitStatus(environment, acme);
  expect(await deliveriesOf(environment, acme, webhook)).toMatchObject([{ state: "waiting", attempts: 1 }]);
});

test("events in flight at a 410 wait, and are sent when the endpoint is enabled again", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const held: (() => void)[] = [];
  receiver.answer((_received, res) => void held.push(() => res.writeHead(410).end()));
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  const ids = await emitMany(environment, acme, 6);
  await receiver.until(() => held.length === 4);
  for (const release of held) release();
  await eventually(async () => (await reloadWebhook(environment, acme, webhook)).disabledReason).toBe("gone");
  const states = async () => (await deliveriesOf(environment, acme, webhook)).map(({ state }) => state);
  await eventually(
    async () => (await deliveriesOf(environment, acme, webhook)).filter(({ attempts }) => attempts === 1).length,
  ).toBe(4);
  expect(await states()).toEqual(Array(6).fill("waiting"));
  receiver.received.length = 0;
  receiver.answer((_received, res) => void res.writeHead(204).end());
  await environment.db.withCompany(acme.companyId, ({ webhooks }) => webhooks.enable(webhook.id));
  await eventually(states).toEqual(Array(6).fill("delivered"));
  expect(receiver.received.map(({ id }) => id).sort()).toEqual([...ids].sort());
});

test("an endpoint with one event at a time receives all events in order, also after failures", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const accepted: string[] = [];
  const refused = new Map<string, number>();
  receiver.answer((received, res) => {
    // Every fifth event is refused twice.
    const times = refused.get(received.id) ?? 0;
    const isRefused = times === 1 || (times === 0 && receiver.received.length % 5 === 0);
    if (isRefused) refused.set(received.id, times + 1);
    else accepted.push(received.id);
    res.writeHead(isRefused ? 500 : 204).end();
  });
  const webhook = await addWebhook(environment, acme, receiver.url, { isOneAtATime: true });
  await environment.startSender();
  const ids = await emitMany(environment, acme, 40);
  await receiver.until(() => accepted.length === 40);
  expect(accepted).toEqual(ids);
  expect(refused.size).toBeGreaterThan(0);
  expect(receiver.maxOpen).toBe(1);
  await eventually(async () =>
    (await deliveriesOf(environment, acme, webhook)).every(({ state }) => state === "delivered"),
  ).toBe(true);
});

test("a redirect is not followed", async ({ environment }) => {
  const acme = await environment.openCompany();
  const [receiver, target] = [await environment.receiver(), await environment.receiver()];
  receiver.answer((_received, res) => void res.writeHead(307, { location: target.url }).end());
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  await emitStatus(environment, acme);
  expect((await firstTry(environment, acme, webhook))?.tries[0]).toMatchObject({
    status: 307,
    error: "answered 307: redirects are not followed",
    reason: "redirect",
  });
  await addWebhook(environment, acme, target.url, { eventTypes: ["new_message"] });
  expect(target.received).toEqual([]);
});

test("reads only the start of a huge response; its status decides", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  let written = 0;
  receiver.answer((_received, res) => {
    res.writeHead(200);
    const chunk = Buffer.alloc(65_536, "é");
    const write = () => {
      while (!res.destroyed && written < 200_000_000) {
        written += chunk.length;
        if (!res.write(chunk)) return void res.once("drain", write);
      }
      res.end();
    };
    write();
  });
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender();
  await emitStatus(environment, acme);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.state).toBe("delivered");
  expect((await deliveriesOf(environment, acme, webhook))[0]?.tries[0]?.excerpt).toBe("é".repeat(256));
  expect(written).toBeLessThan(20_000_000);
});

test("retries when there is no response within the time limit, and logs the reason", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer(() => undefined);
  const webhook = await addWebhook(environment, acme, receiver.url);
  await environment.startSender({ WEBHOOK_TIMEOUT_MS: "300" });
  await emitStatus(environment, acme);
  expect((await firstTry(environment, acme, webhook))?.tries[0]).toMatchObject({
    status: null,
    error: "no response within the time limit",
    reason: "no_answer_in_time",
  });
  await receiver.count(2);
});

test("retries when the connection is closed or refused", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => res.destroy());
  const webhook = await addWebhook(environment, acme, receiver.url);
  const gone = await environment.receiver();
  const refused = await addWebhook(environment, acme, gone.url);
  await gone.close();
  await environment.startSender();
  await emitStatus(environment, acme);
  expect((await firstTry(environment, acme, webhook))?.tries[0]?.error).toBe(
    "the connection was closed before a response",
  );
  expect((await firstTry(environment, acme, refused))?.tries[0]?.error).toBe("the connection was refused");
});

test("repeats a request at once when a reused connection breaks before the response, not when it breaks within it", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const webhook = await addWebhook(environment, acme, receiver.url);
  receiver.answer((_received, res) => {
    const number = receiver.received.length;
    if (number === 2) res.socket?.resetAndDestroy();
    else if (number === 4)
      res.writeHead(200, { "content-length": "600" }).write("a", () => res.socket?.resetAndDestroy());
    else res.writeHead(200).end();
  });
  const ids: (string | undefined)[] = [];
  for (let n = 0; n < 4; n++) ids.push(...(await emitStatus(environment, acme)));
  await environment.startSender();
  await eventually(async () =>
    (await deliveriesOf(environment, acme, webhook)).every(({ state }) => state === "delivered"),
  ).toBe(true);
  // The second event arrived twice within one attempt.
  expect(receiver.received.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[1], ids[2], ids[3]]);
  expect((await deliveriesOf(environment, acme, webhook)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1]);
});

test("Retry-After of a busy receiver pauses the whole endpoint", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => {
    if (receiver.received.length === 1) res.writeHead(429, { "retry-after": "2" }).end();
    else res.writeHead(200).end();
  });
  await addWebhook(environment, acme, receiver.url);
  await environment.startSender({ WEBHOOK_ENDPOINT_CONCURRENCY: "1" });
  await emitMany(environment, acme, 3);
  const received = await receiver.count(4);
  const [first, second] = received;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1_900);
  expect(new Set(received.map(({ id }) => id)).size).toBe(3);
});

test("pauses an endpoint after five failures in a row, tries it with one event, and then continues in order", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => void res.writeHead(503).end());
  const webhook = await addWebhook(environment, acme, receiver.url);
  const ids = await emitMany(environment, acme, 40);
  await environment.startSender({ WEBHOOK_ENDPOINT_CONCURRENCY: "1" });
  await eventually(async () => (await reloadWebhook(environment, acme, webhook)).pausedUntil).not.toBeNull();
  expect(receiver.received).toHaveLength(5);
  receiver.answer((_received, res) => void res.writeHead(200).end());
  await receiver.count(45);
  expect(receiver.received.slice(5).map(({ id }) => id)).toEqual(ids);
});
