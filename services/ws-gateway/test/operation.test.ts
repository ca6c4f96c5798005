import { randomUUID } from "node:crypto";
import { catalog, channels, keys, tokenAudience } from "@syszap/contracts";
import { readGatewayStats, readLatency, writeGatewayStats } from "@syszap/event-bus";
import { createLogger } from "@syszap/platform";
import { exampleEvent, missingMetrics, redisTest, startRedis } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { accessToken, origin, person, runGateway, ticketFor } from "./gateway-fixture.ts";

redisTest("shows the connections of a company to its admins only", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [admin, foreign] = [person({ role: "admin" }), person({ role: "owner" })];
  await gateway.client(admin);
  await gateway.client(foreign);
  const statsFor = async (token: string) => gateway.get("/stats", { authorization: `Bearer ${token}` });
  const stats = await (await statsFor(await accessToken(admin))).json();
  expect(stats).toEqual({
    totalConnections: 1,
    connections: [
      { id: expect.any(String), companyId: admin.companyId, userId: admin.userId, connected: expect.any(String) },
    ],
  });
  expect((await statsFor(await accessToken(person()))).status).toBe(403);
  expect((await statsFor("junk")).status).toBe(401);
  expect((await gateway.get("/stats")).status).toBe(401);
});

redisTest("shows the connections of all companies to operators, who may not open a socket", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [one, another, operator] = [person(), person(), person()];
  await gateway.client(one);
  await gateway.client(another);
  const token = await accessToken(operator, { aud: tokenAudience.operator });
  const stats = await (await gateway.get("/stats", { authorization: `Bearer ${token}` })).json();
  expect(stats).toMatchObject({
    totalConnections: 2,
    connections: expect.arrayContaining([
      expect.objectContaining({ companyId: one.companyId }),
      expect.objectContaining({ companyId: another.companyId }),
    ]),
  });
  const ended = await accessToken(operator, { aud: tokenAudience.operator, exp: 1 });
  expect((await gateway.get("/stats", { authorization: `Bearer ${ended}` })).status).toBe(401);
  expect(await gateway.attempt({}, { origin, authorization: `Bearer ${token}` }).refused).toMatchObject({
    status: 401,
  });
});

redisTest("publishes the sum over all gateways to admins and keeps it for the API", async ({ redisUrl }) => {
  const limits = { lastCountWithinMs: 1_400 };
  const [first, second] = [await runGateway({ redisUrl, limits }), await runGateway({ redisUrl, limits })];
  const admin = person({ role: "owner" });
  const agent = person({ companyId: admin.companyId });
  const [atFirst, atSecond] = [await first.client(admin), await second.client(agent)];
  while ((await atFirst.nextOf("live_stats")).data.totalConnections !== 2);
  expect(await readGatewayStats(first.redis, admin.companyId)).toMatchObject({
    totalConnections: 2,
    connections: expect.arrayContaining([
      expect.objectContaining({ userId: admin.userId }),
      expect.objectContaining({ userId: agent.userId }),
    ]),
  });
  expect(atSecond.frames.map(({ type }) => type)).not.toContain("live_stats");
  await second.stop();
  while ((await atFirst.nextOf("live_stats")).data.totalConnections !== 1);
  expect(await readGatewayStats(first.redis, admin.companyId)).toMatchObject({ totalConnections: 1 });
});

redisTest(
  "a restarted gateway with the same id removes its old connections from the statistics",
  async ({ redisUrl }) => {
    const [gatewayId, ghost, who] = ["gateway-1", person(), person()];
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    await writeGatewayStats(redis, gatewayId, new Map([[ghost.companyId, { total: 3, connections: [] }]]));
    const gateway = await runGateway({ redisUrl, gatewayId });
    await gateway.client(who);
    await expect.poll(async () => (await readGatewayStats(redis, who.companyId)).totalConnections).toBe(1);
    expect(await readGatewayStats(redis, ghost.companyId)).toMatchObject({ totalConnections: 0 });
  },
);

redisTest("keeps the latency of a company's recent events, from their emission to the socket", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { heartbeatEveryMs: 60 } });
  const [who, other] = [person(), person()];
  const client = await gateway.client(who);
  await gateway.client(other);
  const emitted = (ageMs: number) => ({ data: { timestamp: new Date(Date.now() - ageMs).toISOString() } });
  await gateway.publisher.publishDurable(who.companyId, [
    exampleEvent(catalog.chat_update, emitted(60_000)),
    exampleEvent(catalog.new_message, emitted(600_000)),
  ]);
  await client.nextOf("new_message");
  await expect.poll(() => readLatency(gateway.redis, who.companyId)).toMatchObject({ events: 1 });
  const { p50Ms = 0 } = (await readLatency(gateway.redis, who.companyId)) ?? {};
  expect(p50Ms).toBeGreaterThanOrEqual(60_000);
  expect(await readLatency(gateway.redis, other.companyId)).toBeUndefined();
  const metrics = await (await gateway.get("/metrics")).text();
  expect(metrics).toMatch(/^syszap_event_delivery_seconds_count\{service="ws-gateway"\} 1$/m);
  expect(metrics).toMatch(/^syszap_event_delivery_seconds_bucket\{le="10",service="ws-gateway"\} 0$/m);
});

redisTest("writes all statistics again when Redis lost the heartbeat key", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { heartbeatEveryMs: 60 } });
  const who = person();
  await gateway.client(who);
  const total = async () => (await readGatewayStats(gateway.redis, who.companyId)).totalConnections;
  await expect.poll(total).toBe(1);
  await gateway.redis.del(keys.gateway(gateway.gatewayId));
  await expect.poll(total).toBe(1);
});

redisTest(
  "a stopping gateway is not ready, refuses upgrades, asks clients to reconnect, and closes the remaining sockets",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { drainSpreadMs: 100, drainWindowMs: 8_000 } });
    const [leaving, staying] = [await gateway.client(person()), await gateway.client(person())];
    const stopping = gateway.stop();
    const { afterMs } = (await leaving.nextOf("reconnect")).data;
    expect(afterMs).toBeLessThan(100);
    leaving.close();
    expect((await gateway.get("/health/ready")).status).toBe(503);
    expect((await gateway.get("/health/live")).status).toBe(200);
    expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 503 });
    expect(await staying.closed).toMatchObject({ code: 1012 });
    await stopping;
  },
);

test("without Redis, refuses new sockets and keeps open ones; with Redis again, continues", async () => {
  const redis = await startRedis();
  const gateway = await runGateway({ redisUrl: redis.url });
  const who = person();
  const client = await gateway.client(who);
  await redis.kill();
  await expect.poll(async () => (await gateway.get("/health/ready")).status).toBe(503);
  const refusal = await gateway.attempt({ ticket: await ticketFor(person()) }).refused;
  expect(refusal.status).toBe(503);
  expect(Number(refusal.headers["retry-after"])).toBeGreaterThan(0);
  client.send({ type: "ping" });
  await client.nextOf("pong");
  const again = await startRedis({ port: redis.port });
  onTestFinished(() => again.stop());
  await expect.poll(async () => (await gateway.get("/health/ready")).status).toBe(200);
  await gateway.publisher.publishDurable(who.companyId, [
    exampleEvent(catalog.new_message, { data: { Body: "back" } }),
  ]);
  // The new Redis is empty, so its stream cannot continue the old one and the client gets a resync.
  await client.nextOf("resync");
  await gateway.client(person());
});

redisTest("closes a reader that is too slow and serves the others", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { unsentBytes: 200_000, closeGraceMs: 50 } });
  const who = person();
  const [reader, frozen] = [await gateway.client(who), await gateway.client(who)];
  frozen.freeze();
  const big = () => exampleEvent(catalog.new_message, { data: { Body: "x".repeat(60_000) } });
  for (let sent = 0; sent < 200; sent++) {
    await gateway.publisher.publishDurable(who.companyId, [big()]);
    await reader.nextOf("new_message");
  }
  await expect.poll(() => gateway.getWebSocketStats().totalConnections).toBe(1);
  const metrics = await (await gateway.get("/metrics")).text();
  expect(metrics).toMatch(/syszap_closes_total\{code="4503"/);
  expect(missingMetrics("ws-gateway", metrics)).toEqual([]);
});

redisTest("answers unknown paths and plain HTTP requests to /ws with a problem", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  expect((await gateway.get("/ws")).status).toBe(426);
  const missing = await gateway.get("/admin");
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ status: 404, title: expect.any(String) });
});

redisTest("names a refused upgrade, an open socket and its commands by the request", async ({ redisUrl }) => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ service: "ws-gateway", level: "debug", destination });
  const gateway = await runGateway({ redisUrl, log });
  const member = person();
  const commands = new Redis(redisUrl);
  onTestFinished(() => commands.disconnect());
  await commands.subscribe(channels.commands(member.companyId));
  const command = new Promise<string>((resolve) => commands.on("message", (_channel, text) => resolve(text)));

  const client = gateway.attempt({ ticket: await ticketFor(member) }, { origin, "x-request-id": "of-the-upgrade" });
  const { data } = await client.welcomed();
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: "socket opened", requestId: "of-the-upgrade", connectionId: data.connectionId }),
  );
  client.send({ type: "typing", data: { chatId: randomUUID(), state: "composing" } });
  expect(JSON.parse(await command)).toMatchObject({ kind: "typing", requestId: "of-the-upgrade" });

  const unreachable = "http://127.0.0.1:1/.well-known/jwks.json";
  const withoutKeys = await runGateway({ redisUrl, log, keySetUrl: unreachable });
  const ticket = await ticketFor(member);
  await withoutKeys.attempt({ ticket }, { origin, "x-request-id": "of-the-refusal" }).refused;
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: "token key set not available", requestId: "of-the-refusal" }),
  );
});
