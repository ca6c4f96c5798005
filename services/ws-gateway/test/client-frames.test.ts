import { randomUUID } from "node:crypto";
import { channels } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { accessToken, person, runGateway, ticketFor } from "./gateway-fixture.ts";

redisTest("ping is answered with pong and the client's place", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const client = await gateway.client(person());
  const { cursor } = (await client.welcomed()).data;
  client.send({ type: "ping", data: {} });
  expect((await client.nextOf("pong")).data.cursor).toBe(cursor);
});

redisTest("typing reaches the connectors of the company, with the token's user", async ({ redisUrl }) => {
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
  expect(await command).toEqual({ kind: "typing", chatId, state: "composing", userId: who.userId });
});

const hostile: Record<string, { send: string | Buffer; error: string; close: number }> = {
  "text that is no JSON": { send: "{", error: "malformed", close: 4400 },
  "a binary frame": { send: Buffer.from('{"type":"ping"}'), error: "malformed", close: 4400 },
  "a frame over 16 KiB": { send: `"${"x".repeat(16_384)}"`, error: "too_large", close: 4413 },
  "a frame of a megabyte": { send: "x".repeat(1_048_576), error: "too_large", close: 4413 },
};
redisTest.for(Object.keys(hostile))("%s gets an error, then a close code that says why", async (name, { redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [client, bystander] = [await gateway.client(person()), await gateway.client(person())];
  const { send, error, close } = hostile[name] ?? { send: "", error: "", close: 0 };
  client.sendRaw(send);
  expect((await client.nextOf("error")).data.code).toBe(error);
  expect(await client.closed).toMatchObject({ code: close });
  bystander.send({ type: "ping" });
  await bystander.nextOf("pong");
});

redisTest("frames nobody knows get an error each, and after some of them a close", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { strangeFrames: 3 } });
  const client = await gateway.client(person());
  const frames = [{ type: "subscribe", data: { companyId: "x" } }, null, { type: "typing", data: { chatId: "1" } }];
  for (const frame of frames) {
    client.sendRaw(JSON.stringify(frame));
    expect((await client.nextOf("error")).data.code).toBe("unknown_frame");
  }
  expect(await client.closed).toMatchObject({ code: 4400 });
});

redisTest("whoever talks too fast is told, then closed with 4429", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { frameBurst: 3, framesPerSecond: 0.001 } });
  const client = await gateway.client(person());
  for (let sent = 0; sent < 5; sent++) client.send({ type: "ping" });
  expect((await client.nextOf("error")).data.code).toBe("too_many");
  expect(await client.closed).toMatchObject({ code: 4429 });
  expect(client.frames.filter(({ type }) => type === "pong")).toHaveLength(3);
});

redisTest(
  "a connection ends with its token, unless a new ticket of the same person came in time",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { sweepEveryMs: 20 } });
    const [who, careless] = [person(), person()];
    const soon = Math.floor(Date.now() / 1_000) + 2;
    const refreshing = gateway.attempt({ ticket: await ticketFor(who, { ate: soon }) });
    const ending = gateway.attempt({ ticket: await ticketFor(careless, { ate: soon }) });
    await Promise.all([refreshing.welcomed(), ending.welcomed()]);
    refreshing.send({ type: "refresh", data: { ticket: await ticketFor(who) } });
    expect(await ending.closed).toMatchObject({ code: 4401 });
    refreshing.send({ type: "ping" });
    await refreshing.nextOf("pong");
  },
);

redisTest("a socket never changes hands: another's ticket closes it, a bad one too", async ({ redisUrl }) => {
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

redisTest("a peer that no longer answers is found and closed", async ({ redisUrl }) => {
  const limits = { sweepEveryMs: 20, pingEveryMs: 40, deadAfterMs: 300, closeGraceMs: 50 };
  const gateway = await runGateway({ redisUrl, limits });
  const [alive, frozen] = [await gateway.client(person()), await gateway.client(person())];
  frozen.freeze();
  await expect.poll(() => gateway.getWebSocketStats().totalConnections, { timeout: 3_000 }).toBe(1);
  alive.send({ type: "ping" });
  await alive.nextOf("pong");
  const metrics = await (await gateway.get("/metrics")).text();
  expect(metrics).toMatch(/syszap_closes_total\{code="4408"/);
});
