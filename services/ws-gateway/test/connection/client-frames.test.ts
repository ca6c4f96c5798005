import { randomUUID } from "node:crypto";
import { channels, keys } from "@syszap/contracts";
import { presentUsers } from "@syszap/event-bus";
import { redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { accessToken, person, runGateway, ticketFor } from "../gateway-fixture.ts";

redisTest("answers a ping with a pong that carries the client's cursor", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const client = await gateway.client(person());
  const { cursor } = (await client.welcomed()).data;
  client.send({ type: "ping", data: {} });
  expect((await client.nextOf("pong")).data.cursor).toBe(cursor);
});

redisTest("sends typing to the connectors of the company with the user of the token", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = await gateway.client(who);
  const link = new Redis(redisUrl);
  onTestFinished(() => link.disconnect());
  const command = new Promise((resolve) => link.once("message", (_, text) => resolve(JSON.parse(text))));
  await link.subscribe(channels.commands(who.companyId));
  const chatId = randomUUID();
  const spoofed = { userId: randomUUID(), companyId: randomUUID(), User_Id: randomUUID() };
  client.send({ type: "typing", data: { chatId, state: "composing", ...spoofed } });
  expect(await command).toMatchObject({ kind: "typing", chatId, state: "composing", userId: who.userId });
});

redisTest(
  "measures one report of a displayed event per connection and interval, and refuses impossible times",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const [one, other] = [await gateway.client(person()), await gateway.client(person())];
    for (const afterMs of [40, 41, 42]) one.send({ type: "shown", data: { afterMs } });
    other.send({ type: "shown", data: { afterMs: 3_000 } });
    other.send({ type: "shown", data: { afterMs: 60_001 } });
    expect((await other.nextOf("error")).data.code).toBe("unknown_frame");
    one.send({ type: "ping" });
    await one.nextOf("pong");
    const metrics = await (await gateway.get("/metrics")).text();
    expect(metrics).toMatch(/^syszap_event_shown_seconds_count\{service="ws-gateway"\} 2$/m);
    expect(metrics).toMatch(/^syszap_event_shown_seconds_sum\{service="ws-gateway"\} 3.04$/m);
  },
);

redisTest("records the user of the token as present for a presence check", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = await gateway.client(who);
  const checkId = randomUUID();
  client.send({ type: "present", data: { checkId } });
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  await expect.poll(() => presentUsers(redis, { companyId: who.companyId, checkId })).toEqual(new Set([who.userId]));
  expect(await redis.ttl(keys.present(who.companyId, checkId))).toBeGreaterThan(0);
});

const hostile: Record<string, { send: string | Buffer; error: string; close: number }> = {
  "invalid JSON": { send: "{", error: "malformed", close: 4400 },
  "a binary frame": { send: Buffer.from('{"type":"ping"}'), error: "malformed", close: 4400 },
  "a frame above 16 KiB": { send: `"${"x".repeat(16_384)}"`, error: "too_large", close: 4413 },
  "a frame of a megabyte": { send: "x".repeat(1_048_576), error: "too_large", close: 4413 },
};
redisTest.for(Object.keys(hostile))(
  "answers %s with an error frame and the matching close code",
  async (name, { redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const [client, bystander] = [await gateway.client(person()), await gateway.client(person())];
    const { send, error, close } = hostile[name] ?? { send: "", error: "", close: 0 };
    client.sendRaw(send);
    expect((await client.nextOf("error")).data.code).toBe(error);
    expect(await client.closed).toMatchObject({ code: close });
    bystander.send({ type: "ping" });
    await bystander.nextOf("pong");
  },
);

redisTest("answers each unknown frame with an error and closes after the limit", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { unknownFrames: 3 } });
  const client = await gateway.client(person());
  const frames = [{ type: "subscribe", data: { companyId: "x" } }, null, { type: "typing", data: { chatId: "1" } }];
  for (const frame of frames) {
    client.sendRaw(JSON.stringify(frame));
    expect((await client.nextOf("error")).data.code).toBe("unknown_frame");
  }
  expect(await client.closed).toMatchObject({ code: 4400 });
});

redisTest("closes a client that sends too many frames with 4429 after an error frame", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { frameBurst: 3, framesPerSecond: 0.001 } });
  const client = await gateway.client(person());
  for (let sent = 0; sent < 5; sent++) client.send({ type: "ping" });
  expect((await client.nextOf("error")).data.code).toBe("too_many");
  expect(await client.closed).toMatchObject({ code: 4429 });
  expect(client.frames.filter(({ type }) => type === "pong")).toHaveLength(3);
});

redisTest(
  "closes a connection when its token expires, unless it was refreshed with a new ticket of the same user",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { sweepEveryMs: 20 } });
    const [who, other] = [person(), person()];
    const soon = Math.floor(Date.now() / 1_000) + 8;
    const refreshing = gateway.attempt({ ticket: await ticketFor(who, { ate: soon }) });
    const ending = gateway.attempt({ ticket: await ticketFor(other, { ate: soon }) });
    await Promise.all([refreshing.welcomed(), ending.welcomed()]);
    refreshing.send({ type: "refresh", data: { ticket: await ticketFor(who) } });
    expect(await ending.closed).toMatchObject({ code: 4401 });
    refreshing.send({ type: "ping" });
    await refreshing.nextOf("pong");
  },
);

redisTest("closes a socket that is refreshed with another user's ticket or an invalid one", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const tickets = {
    4403: await ticketFor(person({ companyId: who.companyId })),
    4401: await accessToken(who),
  };
  for (const [code, ticket] of Object.entries(tickets)) {
    const client = await gateway.client(who);
    client.send({ type: "refresh", data: { ticket } });
    await client.nextOf("error");
    expect(await client.closed).toMatchObject({ code: Number(code) });
  }
});

redisTest("closes a peer that no longer answers", async ({ redisUrl }) => {
  const limits = { sweepEveryMs: 20, pingEveryMs: 40, deadAfterMs: 300, closeGraceMs: 50 };
  const gateway = await runGateway({ redisUrl, limits });
  const [alive, frozen] = [await gateway.client(person()), await gateway.client(person())];
  frozen.freeze();
  await expect.poll(() => gateway.getWebSocketStats().totalConnections, { timeout: 60_000 }).toBe(1);
  alive.send({ type: "ping" });
  await alive.nextOf("pong");
  const metrics = await (await gateway.get("/metrics")).text();
  expect(metrics).toMatch(/syszap_closes_total\{code="4408"/);
});
