import { randomUUID } from "node:crypto";
import { channels, keys } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { BusUnavailableError, Publisher, parseCursor, splitPayload, toCursor } from "../src/index.ts";
import { newCompany, newEvent, newEvents, openBus, silent } from "./recorder.ts";

const headersOf = async (redis: Redis, companyId: string) => {
  const entries = await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+");
  return entries.map(([id, fields]) => {
    const split = fields[1] && splitPayload(fields[1]);
    if (!split?.header.position) throw new Error("invalid entry in the log");
    return { id: id.toString(), ...split.header, position: split.header.position, frame: split.frame.toString() };
  });
};
const openTestBus = (redisUrl: string) => {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  return bus;
};

redisTest("gives each event one position, in the given order, linked to the previous one", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const genesis = parseCursor(await publisher.head(company));
  const events = newEvents(150);
  const positions = await publisher.publishDurable(company, events);
  const log = await headersOf(redis, company);
  expect(log.map(({ id }) => id)).toEqual(positions.map(({ seq }) => `${seq}-0`));
  expect(positions.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(log.map(({ prev }) => prev)).toEqual([genesis, ...positions.slice(0, -1)].map((position) => position?.link));
  expect(await publisher.head(company)).toBe(toCursor(positions.at(-1) ?? { seq: 0, link: "" }));
});

redisTest("stores the publisher's frame unchanged after seq and cursor", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const body = 'Olá 👋🏽 "quoted" \u0000 \u2028 مرحبا\n{"seq":9}';
  const event = newEvent({ Body: body });
  const [position] = await publisher.publishDurable(company, [event]);
  const [entry] = await headersOf(redis, company);
  const { type, id, version, data } = event;
  const added = { seq: position?.seq, cursor: position && toCursor(position) };
  expect(entry?.frame).toBe(JSON.stringify({ ...added, type, id, version, data }));
});

redisTest("publishes a repeated id once and returns its first position", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const [first, second] = [newEvent(), newEvent()];
  const [once] = await publisher.publishDurable(company, [first]);
  const again = await publisher.publishDurable(company, [first, second, first, second]);
  expect(again.map(({ seq }) => seq)).toEqual([1, 2, 1, 2]);
  expect(again[0]).toEqual(once);
  expect(await headersOf(redis, company)).toHaveLength(2);
});

redisTest("starts a new log, which forgets published ids, when the head is missing", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const event = newEvent();
  const [before] = await publisher.publishDurable(company, [event, newEvent()]);
  await redis.del(keys.head(channels.company(company)));
  const [after] = await publisher.publishDurable(company, [event]);
  expect(after?.seq).toBe(1);
  expect(after?.link).not.toBe(before?.link);
  expect(await headersOf(redis, company)).toHaveLength(1);
});

redisTest("starts a new log when the head is older than the log", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  await publisher.publishDurable(company, newEvents(5));
  await redis.hset(keys.head(channels.company(company)), "seq", "2");
  const [position] = await publisher.publishDurable(company, [newEvent()]);
  expect(position?.seq).toBe(1);
});

redisTest("gives every key a TTL", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  await publisher.publishDurable(company, newEvents(600));
  expect(await redis.ttl(keys.checkpoints(channel))).toBeGreaterThan(86_000);
  expect(await redis.ttl(keys.log(channel))).toBeGreaterThan(86_000);
  expect(await redis.ttl(keys.head(channel))).toBeGreaterThan(2_500_000);
  expect(await redis.ttl(keys.positions(channel))).toBeGreaterThan(590);
});

redisTest("renews TTLs after a time", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  const all = [keys.head(channel), keys.log(channel), keys.positions(channel)];
  await publisher.publishDurable(company, newEvents(2));
  for (const key of all) await redis.expire(key, 300);
  await redis.hset(keys.head(channel), "tended", Date.now() - 61_000);
  await publisher.publishDurable(company, [newEvent()]);
  for (const key of all) expect(await redis.ttl(key)).toBeGreaterThan(600);
});

redisTest("knows an id for one period at least, and forgets it after two", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  const endPeriod = () => redis.hset(keys.head(channel), "turned", Date.now() - 600_001);
  const [first, second, third] = [newEvent(), newEvent(), newEvent()];
  const [once] = await publisher.publishDurable(company, [first]);
  await endPeriod();
  expect(await publisher.publishDurable(company, [first])).toEqual([once]);
  expect(await redis.ttl(keys.positions(channel))).toBeGreaterThan(600);
  expect(await redis.ttl(keys.olderPositions(channel))).toBeGreaterThan(600);
  const again = await publisher.publishDurable(company, [second, first, third, second]);
  expect(again.map(({ seq }) => seq)).toEqual([2, 1, 3, 2]);
  expect(await publisher.restartUnlessKnown(company, [first.id, second.id])).toBe(false);
  await endPeriod();
  const late = await publisher.publishDurable(company, [first, second]);
  expect(late.map(({ seq }) => seq)).toEqual([4, 2]);
});

redisTest("begins a new period when too many ids are known", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  const event = newEvent();
  const [once] = await publisher.publishDurable(company, [event]);
  const others = Array.from({ length: 100_000 }, (_, number) => [`id ${number}`, "1.0"]);
  await redis.hset(keys.positions(channel), Object.fromEntries(others));
  await publisher.publishDurable(company, newEvents(64));
  await publisher.publishDurable(company, [newEvent()]);
  expect(await redis.hlen(keys.olderPositions(channel))).toBeGreaterThan(100_000);
  expect(await redis.hlen(keys.positions(channel))).toBeLessThan(100);
  expect(await publisher.publishDurable(company, [event])).toEqual([once]);
});

redisTest("keeps the ids of a log that an earlier release started", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  const event = newEvent();
  const [once] = await publisher.publishDurable(company, [event]);
  await redis.hdel(keys.head(channel), "turned");
  await publisher.publishDurable(company, newEvents(64));
  expect(Number(await redis.hget(keys.head(channel), "turned"))).toBeGreaterThan(0);
  expect(await publisher.publishDurable(company, [event])).toEqual([once]);
  expect(await redis.exists(keys.olderPositions(channel))).toBe(0);
});

redisTest("stores ids as a hash table, which finds one without a search", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  const channel = channels.company(company);
  await publisher.publishDurable(company, [newEvent()]);
  expect(await redis.object("ENCODING", keys.positions(channel))).toBe("hashtable");
  await redis.hset(keys.head(channel), "turned", 0);
  await publisher.publishDurable(company, [newEvent()]);
  expect(await redis.object("ENCODING", keys.positions(channel))).toBe("hashtable");
  expect(await redis.object("ENCODING", keys.olderPositions(channel))).toBe("hashtable");
});

redisTest("refuses an outdated owner of a session after a newer one published", async ({ redisUrl }) => {
  const { publisher } = openTestBus(redisUrl);
  const [company, sessionId] = [newCompany(), randomUUID()];
  const qr = (attempt: number) => ({
    type: "qr_code" as const,
    audience: { kind: "role" as const, roles: ["owner" as const] },
    data: {
      sessionId,
      qrCode: "data:image/png;base64,AA==",
      expiresAt: new Date().toISOString(),
      attempt,
      timestamp: new Date().toISOString(),
    },
  });
  const show = (attempt: number, generation: number) =>
    publisher.publishLinkCode(company, qr(attempt), { sessionId, generation, ttlMs: 60_000 });
  expect(await show(1, 7)).toBe(true);
  expect(await publisher.raiseFence(company, sessionId, 8)).toBe(true);
  expect(await show(2, 7)).toBe(false);
  expect(
    await publisher.publishEphemeral(company, qr(2), { expiresInMs: 1_000, fence: { sessionId, generation: 7 } }),
  ).toBe(false);
  expect(await publisher.clearLinkCode(company, "qr_code", { sessionId, generation: 7 })).toBe(false);
  expect(await publisher.currentLinkCode(company, "qr_code", sessionId)).toMatchObject({ attempt: 1 });
  expect(await show(3, 8)).toBe(true);
  expect(await publisher.currentLinkCode(company, "qr_code", sessionId)).toMatchObject({ attempt: 3 });
  expect(await publisher.clearLinkCode(company, "qr_code", { sessionId, generation: 8 })).toBe(true);
  expect(await publisher.currentLinkCode(company, "qr_code", sessionId)).toBeUndefined();
});

redisTest("stores and fences a pairing code like a QR code, and sends it to managers only", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const [companyId, sessionId] = [newCompany(), randomUUID()];
  const times = { expiresAt: new Date().toISOString(), timestamp: new Date().toISOString() };
  const data = { sessionId, pairingCode: "7WX2K9QD", phoneNumber: "5511999990000", attempt: 1, ...times };
  const event = { type: "pairing_code", audience: { kind: "company" }, data } as const;
  const listener = redis.duplicate();
  onTestFinished(() => listener.disconnect());
  const received = new Promise<Buffer>((resolve) =>
    listener.once("messageBuffer", (_channel, payload) => resolve(payload)),
  );
  await listener.subscribe(channels.company(companyId));
  expect(await publisher.publishLinkCode(companyId, event, { sessionId, generation: 7, ttlMs: 60_000 })).toBe(true);
  expect(splitPayload(await received)?.header.audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
  expect(await publisher.currentLinkCode(companyId, "pairing_code", sessionId)).toEqual(data);
  expect(await publisher.currentLinkCode(companyId, "qr_code", sessionId)).toBeUndefined();
  expect(await redis.pttl(keys.pairingCode(companyId, sessionId))).toBeGreaterThan(50_000);
  await publisher.raiseFence(companyId, sessionId, 8);
  expect(await publisher.publishLinkCode(companyId, event, { sessionId, generation: 7, ttlMs: 1 })).toBe(false);
  expect(await publisher.clearLinkCode(companyId, "pairing_code", { sessionId, generation: 7 })).toBe(false);
  expect(await publisher.clearLinkCode(companyId, "pairing_code", { sessionId, generation: 8 })).toBe(true);
  expect(await publisher.currentLinkCode(companyId, "pairing_code", sessionId)).toBeUndefined();
});

test("rejects with BusUnavailableError while Redis is unreachable", async () => {
  const redis = new Redis(1, "127.0.0.1", { enableOfflineQueue: false, maxRetriesPerRequest: 0, lazyConnect: true });
  redis.on("error", () => {});
  onTestFinished(() => redis.disconnect());
  const publisher = new Publisher(redis, silent);
  await expect(publisher.publishDurable(newCompany(), [newEvent()])).rejects.toBeInstanceOf(BusUnavailableError);
});
