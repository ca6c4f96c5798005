import { catalog, channels, keys } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect, test } from "vitest";
import { ResumeSlots } from "../../src/resume/resume-slots.ts";
import { type Person, person, runGateway, type TestGateway } from "../gateway-fixture.ts";
import type { SocketClient } from "../socket-client.ts";

const timeout = 60_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const numbered = (number: number, bytes = 0) =>
  exampleEvent(catalog.new_message, { data: { Body: `${number} ${"x".repeat(bytes)}` } });
const numberOf = (frame: { data: Record<string, unknown> }) => Number.parseInt(String(frame.data.Body), 10);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** Publishes the events `from` up to, but not including, `to`. */
async function publish(
  gateway: TestGateway,
  { companyId }: Person,
  [from, to]: readonly [number, number],
  bytes = 0,
): Promise<void> {
  for (let first = from; first < to; first += 500) {
    const last = Math.min(to, first + 500);
    await gateway.publisher.publishDurable(
      companyId,
      numbers(first, last).map((number) => numbered(number, bytes)),
    );
  }
}
/** Reads durable frames until the event `last` has arrived. */
async function readUntil(client: SocketClient, last: number): Promise<number[]> {
  const received: number[] = [];
  while (received.at(-1) !== last) received.push(numberOf(await client.nextOf("new_message")));
  return received;
}
const typesOf = (client: SocketClient) => new Set(client.frames.map(({ type }) => type));
const metric = async (gateway: TestGateway, name: string) => {
  const text = await (await gateway.get("/metrics")).text();
  return Number(new RegExp(`^syszap_${name}[^\\n]* (\\d+)$`, "m").exec(text)?.[1] ?? 0);
};

redisTest(
  "recovers a client that was away for five minutes at 50 events per second, without a refetch",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 15_000]);
    const client = await gateway.client(who, { since });
    expect((await client.welcomed()).data).toMatchObject({ recovered: true, cursor: since, afterMs: 0 });
    await publish(gateway, who, [15_000, 15_010]);
    expect(await readUntil(client, 15_009)).toEqual(numbers(0, 15_010));
    expect(typesOf(client)).toEqual(new Set(["welcome", "new_message"]));
  },
  timeout,
);

redisTest(
  "recovers a client that missed 45 events of 60 KB, without a refetch",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 45], 60_000);
    const client = await gateway.client(who, { since });
    expect((await client.welcomed()).data).toMatchObject({ recovered: true, cursor: since });
    expect(await readUntil(client, 44)).toEqual(numbers(0, 45));
    expect(typesOf(client)).toEqual(new Set(["welcome", "new_message"]));
  },
  timeout,
);

redisTest(
  "resumes a client that was closed with 4503 while more than 4 MiB were unsent",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { closeGraceMs: 50 } });
    const who = person();
    const [reader, slow] = [await gateway.client(who), await gateway.client(who)];
    slow.freeze();
    let published = 0;
    while (gateway.getWebSocketStats(who.companyId).totalConnections === 2 && published < 250) {
      await publish(gateway, who, [published, published + 5], 60_000);
      published += 5;
      await readUntil(reader, published - 1);
    }
    slow.thaw();
    await slow.closed;
    expect(await metric(gateway, 'closes_total\\{code="4503"')).toBe(1);
    const before = slow.frames.filter(({ type }) => type === "new_message");
    const since = before.at(-1)?.cursor ?? String((await slow.welcomed()).data.cursor);
    expect((published - before.length) * 60_000).toBeGreaterThan(3_000_000);
    const again = await gateway.client(who, { since });
    expect((await again.welcomed()).data).toMatchObject({ recovered: true });
    expect([...before.map(numberOf), ...(await readUntil(again, published - 1))]).toEqual(numbers(0, published));
    expect(typesOf(again)).not.toContain("resync");
  },
  timeout,
);

redisTest(
  "sends each event once and in order to clients of different speed that resume while events are published",
  async ({ redisUrl }) => {
    const limits = { resumeFirstBytes: 1_000, resumePartBytes: 8_000, resumesAtOnce: 3, resumesAtOncePerCompany: 2 };
    const gateway = await runGateway({ redisUrl, limits });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 4_000]);
    const clients = await Promise.all(Array.from({ length: 8 }, () => gateway.client(who, { since })));
    for (const [index, client] of clients.entries()) if (index % 2 === 0) client.freeze();
    for (let from = 4_000; from < 5_000; from += 20) {
      await publish(gateway, who, [from, from + 20]);
      clients[(from / 20) % clients.length]?.thaw();
    }
    for (const client of clients) {
      client.thaw();
      expect(await readUntil(client, 4_999)).toEqual(numbers(0, 5_000));
      expect(typesOf(client)).toEqual(new Set(["welcome", "new_message"]));
    }
  },
  timeout,
);

redisTest(
  "keeps only one part unsent for a client that resumes and does not read",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 240], 60_000);
    const frozen = await gateway.client(who, { since });
    frozen.freeze();
    const other = await gateway.client(who, { since });
    await readUntil(other, 239);
    expect(await metric(gateway, "unsent_bytes")).toBeLessThan(600_000);
    frozen.thaw();
    expect(await readUntil(frozen, 239)).toEqual(numbers(0, 240));
  },
  timeout,
);

redisTest(
  "sends a resync, and continues the stream, when the log loses what a resuming client has still to receive",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 240], 60_000);
    const client = await gateway.client(who, { since });
    client.freeze();
    const connected = await gateway.client(who);
    await gateway.redis.del(keys.head(channels.company(who.companyId)));
    await publish(gateway, who, [1_000, 1_001]);
    // From here on the gateway knows the new log: its clients were notified.
    await connected.nextOf("resync");
    client.thaw();
    const resync = await client.nextOf("resync");
    expect(resync.data).toMatchObject({ reason: "log_lost", afterMs: expect.any(Number) });
    await publish(gateway, who, [1_001, 1_002]);
    expect((await readUntil(client, 1_001)).filter((number) => number > 1_000)).toEqual([1_001]);
    const received = client.frames.filter(({ type }) => type === "new_message").map(numberOf);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
  },
  timeout,
);

redisTest(
  "delivers ephemeral events to a client whose resume is not complete",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    await publish(gateway, who, [0, 240], 60_000);
    const client = await gateway.client(who, { since });
    client.freeze();
    const data = { title: "", body: "now", level: "info" as const, timestamp: new Date().toISOString() };
    await gateway.publisher.broadcastToCompany(who.companyId, {
      type: "announcement",
      audience: { kind: "company" },
      data,
    });
    client.thaw();
    await client.nextOf("announcement");
    const received = client.frames.filter(({ type }) => type === "new_message").length;
    expect(received).toBeLessThan(240);
    expect((await readUntil(client, 239)).length + received).toBe(240);
  },
  timeout,
);

redisTest("closes a resuming client whose user is disconnected", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const since = await gateway.publisher.head(who.companyId);
  await publish(gateway, who, [0, 200], 60_000);
  const client = await gateway.client(who, { since });
  client.freeze();
  const { companyId, userId } = who;
  await gateway.publisher.controlGateways({ kind: "disconnect_user", companyId, userId });
  await expect.poll(() => gateway.getWebSocketStats(companyId).totalConnections, { timeout: 60_000 }).toBe(0);
});

redisTest("counts welcomes by the value of `recovered` that was sent", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const since = await gateway.publisher.head(who.companyId);
  await publish(gateway, who, [0, 60], 60_000);
  const cursors = [{}, { since }, { since: `7.${"0".repeat(16)}` }, { since }, { since: "junk" }];
  const sent: unknown[] = [];
  for (const query of cursors) sent.push((await (await gateway.client(who, query)).welcomed()).data.recovered);
  expect(sent).toEqual([false, true, false, true, false]);
  expect(await metric(gateway, 'welcomes_total\\{recovered="true"')).toBe(2);
  expect(await metric(gateway, 'welcomes_total\\{recovered="false"')).toBe(3);
});

redisTest(
  "sends what was missed on a lost Redis connection to connected clients, without a resync",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const client = await gateway.client(who);
    const elsewhere = new Publisher(gateway.redis, silent);
    const events = numbers(0, 12_000).map((number) => numbered(number));
    // The gateway's connection is closed until all events are in the log.
    let isPublished = false;
    const published = elsewhere.publishDurable(who.companyId, events).finally(() => {
      isPublished = true;
    });
    while (!isPublished) await gateway.redis.client("KILL", "TYPE", "pubsub");
    await published;
    expect(await readUntil(client, 11_999)).toEqual(numbers(0, 12_000));
    expect(typesOf(client)).toEqual(new Set(["welcome", "new_message"]));
  },
  timeout,
);

test("limits resumes per company and per process, and forgets companies without any", async () => {
  const slots = new ResumeSlots({ resumesAtOnce: 3, resumesAtOncePerCompany: 2 });
  const running = new Map<string, number>();
  let atOnce = 0;
  const waiting: (() => void)[] = [];
  const task = (company: string) => async () => {
    running.set(company, (running.get(company) ?? 0) + 1);
    atOnce += 1;
    expect(running.get(company)).toBeLessThanOrEqual(2);
    expect(atOnce).toBeLessThanOrEqual(3);
    await new Promise<void>((resolve) => waiting.push(resolve));
    atOnce -= 1;
    running.set(company, (running.get(company) ?? 0) - 1);
  };
  const done = ["a", "a", "a", "a", "b", "b"].map((company) => slots.run(company, task(company)));
  await expect.poll(() => waiting.length).toBe(3);
  expect(running.get("b")).toBe(1);
  for (let count = 0; count < done.length; count++) {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    waiting.shift()?.();
  }
  await Promise.all(done);
  expect(slots.companyCount).toBe(0);
});
