import { channels, type Webhook } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import {
  addWebhook,
  type Company,
  eventually,
  logOf,
  tell,
  tellMany,
  test,
  type World,
  webhookNow,
} from "./fixtures.ts";

async function firstTry(world: World, company: Company, webhook: Webhook) {
  await eventually(async () => (await logOf(world, company, webhook))[0]?.tries.length).toBeGreaterThan(0);
  return (await logOf(world, company, webhook))[0];
}

test("410 disables an endpoint at once, and its company's managers are told", async ({ world, redisUrl }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => void res.writeHead(410).end());
  const webhook = await addWebhook(world, acme, receiver.url);
  const listener = new Redis(redisUrl);
  onTestFinished(() => listener.disconnect());
  await listener.subscribe(channels.company(acme.companyId));
  const heard = new Promise<Buffer>((resolve) => listener.on("messageBuffer", (_channel, payload) => resolve(payload)));
  await world.startSender();
  await tell(world, acme);
  const publication = splitPayload(await heard);
  expect(JSON.parse(publication?.frame.toString() ?? "")).toMatchObject({
    type: "webhook_disabled",
    data: { webhookId: webhook.id, url: webhook.url, reason: "gone" },
  });
  expect(publication?.header.audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
  expect(await webhookNow(world, acme, webhook)).toMatchObject({ isEnabled: false, disabledReason: "gone" });
  await tell(world, acme);
  expect(await logOf(world, acme, webhook)).toMatchObject([{ state: "failed", attempts: 1 }]);
});

test("a redirect is not followed", async ({ world }) => {
  const acme = await world.openCompany();
  const [receiver, target] = [await world.receiver(), await world.receiver()];
  receiver.answer((_received, res) => void res.writeHead(307, { location: target.url }).end());
  const webhook = await addWebhook(world, acme, receiver.url);
  await world.startSender();
  await tell(world, acme);
  expect((await firstTry(world, acme, webhook))?.tries[0]).toMatchObject({
    status: 307,
    error: "answered 307: redirects are not followed",
    reason: "redirect",
  });
  await addWebhook(world, acme, target.url, ["new_message"]);
  expect(target.received).toEqual([]);
});

test("of a huge or endless answer only the beginning is read, and its status counts", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
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
  const webhook = await addWebhook(world, acme, receiver.url);
  await world.startSender();
  await tell(world, acme);
  await eventually(async () => (await logOf(world, acme, webhook))[0]?.state).toBe("delivered");
  expect((await logOf(world, acme, webhook))[0]?.tries[0]?.excerpt).toBe("é".repeat(256));
  expect(written).toBeLessThan(20_000_000);
});

test("who does not answer in time is tried again, and the log says why", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer(() => undefined);
  const webhook = await addWebhook(world, acme, receiver.url);
  await world.startSender({ WEBHOOK_TIMEOUT_MS: "300" });
  await tell(world, acme);
  expect((await firstTry(world, acme, webhook))?.tries[0]).toMatchObject({
    ...{ status: null, error: "no answer in time", reason: "no_answer_in_time" },
  });
  await receiver.count(2);
});

test("who breaks off, or listens no more, is tried again", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => res.destroy());
  const webhook = await addWebhook(world, acme, receiver.url);
  const gone = await world.receiver();
  const refused = await addWebhook(world, acme, gone.url);
  await gone.close();
  await world.startSender();
  await tell(world, acme);
  expect((await firstTry(world, acme, webhook))?.tries[0]?.error).toBe("the connection was broken off");
  expect((await firstTry(world, acme, refused))?.tries[0]?.error).toBe("the connection was refused");
});

test("a kept connection that breaks before the answer is made anew at once; one that breaks in it is an answer", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  const webhook = await addWebhook(world, acme, receiver.url);
  receiver.answer((_received, res) => {
    const place = receiver.received.length;
    if (place === 2) res.socket?.resetAndDestroy();
    else if (place === 4)
      res.writeHead(200, { "content-length": "600" }).write("a", () => res.socket?.resetAndDestroy());
    else res.writeHead(200).end();
  });
  const ids: (string | undefined)[] = [];
  for (let n = 0; n < 4; n++) ids.push(...(await tell(world, acme)));
  await world.startSender();
  await eventually(async () => (await logOf(world, acme, webhook)).every(({ state }) => state === "delivered")).toBe(
    true,
  );
  // The second came twice, in one attempt.
  expect(receiver.received.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[1], ids[2], ids[3]]);
  expect((await logOf(world, acme, webhook)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1]);
});

test("Retry-After of a busy receiver holds up the whole endpoint for as long", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => {
    if (receiver.received.length === 1) res.writeHead(429, { "retry-after": "2" }).end();
    else res.writeHead(200).end();
  });
  await addWebhook(world, acme, receiver.url);
  await world.startSender({ WEBHOOK_ENDPOINT_CONCURRENCY: "1" });
  await tellMany(world, acme, 3);
  const received = await receiver.count(4);
  const [first, second] = received;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1_900);
  expect(new Set(received.map(({ id }) => id)).size).toBe(3);
});

test("an endpoint that fails five times in a row is left alone, then tried with one event, and goes on in order", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => void res.writeHead(503).end());
  const webhook = await addWebhook(world, acme, receiver.url);
  const ids = await tellMany(world, acme, 40);
  await world.startSender({ WEBHOOK_ENDPOINT_CONCURRENCY: "1" });
  await eventually(async () => (await webhookNow(world, acme, webhook)).pausedUntil).not.toBeNull();
  expect(receiver.received).toHaveLength(5);
  receiver.answer((_received, res) => void res.writeHead(200).end());
  await receiver.count(45);
  expect(receiver.received.slice(5).map(({ id }) => id)).toEqual(ids);
});
