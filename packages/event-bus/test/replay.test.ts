import { keys } from "@syszap/contracts";
import { redisTest, startRedis } from "@syszap/testing";
import { expect, onTestFinished, test } from "vitest";
import { type PublishedRow, Replay } from "../src/index.ts";
import { redisIdentity } from "../src/replay/identity.ts";
import { readMarker, writeMarker } from "../src/replay/marker.ts";
import { rowsToCheck, windowMs } from "../src/replay/survival-check.ts";
import { type Bus, join, newCompany, newEvent, newEvents, openBus, silent } from "./recorder.ts";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);

function openTestBus(redisUrl: string) {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  const rows: PublishedRow[] = [];
  const replay = new Replay({ redis: bus.redis, publisher: bus.publisher, source: async () => [...rows], log: silent });
  const company = newCompany();
  /** Publishes events and records them like the outbox, as published `seconds` ago. */
  const publish = async (seconds: number, events = [newEvent()]) => {
    await bus.publisher.publishDurable(company, events);
    rows.push({ companyId: company, events, publishedAt: ago(seconds) });
    return events.map(({ id }) => id);
  };
  return { ...bus, rows, replay, company, publish };
}

/** Removes the last `count` events of a company from Redis, like a failover to a replica that lags `lagSeconds`. */
async function lose({ redis }: Bus, company: string, count: number, lagSeconds = 1): Promise<void> {
  const channel = `rt:{${company}}`;
  const entries = await redis.xrevrange(keys.log(channel), "+", "-", "COUNT", count + 1);
  const cursors = entries.map(([, fields]) => fields[1]?.split(" ") ?? []);
  for (const [id] of entries.slice(0, count)) await redis.xdel(keys.log(channel), id);
  const [, seq, link] = cursors.at(-1) ?? [];
  await redis.call("XSETID", keys.log(channel), `${seq}-0`);
  await redis.hset(keys.head(channel), { seq: seq ?? "", link: link ?? "" });
  for (const [eventId, cursor] of Object.entries(await redis.hgetall(keys.positions(channel))))
    if (Number.parseInt(cursor, 10) > Number(seq)) await redis.hdel(keys.positions(channel), eventId);
  await redis.set(keys.replayed, `another/redis ${ago(lagSeconds).getTime()} 0`);
}

redisTest("publishes lost events again, once, and does not repeat surviving events", async ({ redisUrl }) => {
  const bus = openTestBus(redisUrl);
  const { publisher, subscribe, replay, company, publish } = bus;
  const { subscriber, recorder } = subscribe();
  await publish(40);
  const before = await publisher.head(company);
  const lost = [...(await publish(1)), ...(await publish(1, newEvents(3)))];
  await lose(bus, company, 4);
  await join(subscriber, company, before);
  await replay.check();
  await replay.check();
  await recorder.until(() => recorder.entries.length >= lost.length);
  expect(recorder.entries).toEqual(lost);
  const backlog = await join(subscriber, company, before);
  expect([backlog.recovered, backlog.missed.length]).toEqual([true, lost.length]);
});

redisTest("starts a new log and emits resync when more is lost than the recent rows", async ({ redisUrl }) => {
  const bus = openTestBus(redisUrl);
  const { publisher, subscribe, replay, company, publish, rows } = bus;
  await publish(300);
  const beforeAll = await publisher.head(company);
  const [lost] = await publish(120);
  rows.length = 0;
  await publish(40);
  await lose(bus, company, 2, 125);
  const { subscriber, recorder } = subscribe();
  // The loss is invisible to clients that had not received these events: for them the log has not changed.
  expect(await join(subscriber, company, beforeAll)).toMatchObject({ recovered: true, missed: [] });
  await replay.check();
  await recorder.untilNoted("resync");
  expect(recorder.entries).not.toContain(lost);
  expect(await join(subscriber, company, beforeAll)).toMatchObject({ recovered: false });
  expect(await publisher.publishLost(company, rows[0]?.events ?? [])).toEqual([]);
});

redisTest(
  "starts a new log although Redis knows a recent row that was marked late or published again",
  async ({ redisUrl }) => {
    const bus = openTestBus(redisUrl);
    const { publisher, replay, company, publish } = bus;
    await publish(40);
    const beforeLoss = await publisher.head(company);
    // Published after the row above and marked earlier, so that the source no longer returns it.
    await publisher.publishDurable(company, [newEvent()]);
    await lose(bus, company, 1, 75);
    await replay.check();
    const { subscriber } = bus.subscribe();
    expect(await join(subscriber, company, beforeLoss)).toMatchObject({ recovered: false });
  },
);

redisTest("keeps the log when Redis lost recent rows only, also if it lost all of them", async ({ redisUrl }) => {
  const bus = openTestBus(redisUrl);
  const { publisher, replay, company, publish, subscribe } = bus;
  await publish(300);
  bus.rows.length = 0;
  const before = await publisher.head(company);
  await publish(20);
  await lose(bus, company, 1, 25);
  await replay.check();
  const { subscriber } = subscribe();
  const { recovered, missed } = await join(subscriber, company, before);
  expect([recovered, missed.length]).toEqual([true, 1]);
});

redisTest("renews the marker of its own Redis, and never writes the marker of another one", async ({ redisUrl }) => {
  const { redis, replay } = openTestBus(redisUrl);
  await redis.del(keys.replayed);
  await replay.check();
  const identity = await redisIdentity(redis);
  const completeAt = async () => (await readMarker(redis))?.completeAt;
  await writeMarker(redis, { identity, completeAt: 1, repeatAt: 0 });
  expect(await completeAt()).toBe(1);
  await replay.check();
  expect(await completeAt()).toBeGreaterThan(1);
  await writeMarker(redis, { identity: "another/redis", completeAt: 2, repeatAt: 0 });
  expect(await readMarker(redis)).toMatchObject({ identity, repeatAt: 0 });
});

redisTest("replays once per Redis identity, and once more for rows that were marked late", async ({ redisUrl }) => {
  const { redis, publisher, company, rows } = openTestBus(redisUrl);
  let reads = 0;
  const source = async () => {
    reads += 1;
    return [...rows];
  };
  const options = { redis, publisher, source, log: silent };
  await redis.del(keys.replayed);
  const replay = new Replay({ ...options, times: { repeatAfterMs: 0 } });
  await replay.check();
  const late = newEvent();
  rows.push({ companyId: company, events: [late], publishedAt: ago(0) });
  await replay.check();
  await replay.check();
  await new Replay(options).check();
  expect(reads).toBe(2);
  expect(await publisher.publishLost(company, [late])).toEqual([]);
});

test("publishes the last minute again after Redis restarted without data", async () => {
  const first = await startRedis();
  const bus = openTestBus(first.url);
  const { subscribe, replay, publish, company } = bus;
  const periodic = new Replay({
    redis: bus.redis,
    publisher: bus.publisher,
    log: silent,
    source: async () => bus.rows,
    times: { checkEveryMs: 20 },
  });
  const [id] = await publish(1);
  await replay.check();
  const { subscriber, recorder } = subscribe();
  await join(subscriber, company);
  await first.kill();
  const second = await startRedis({ port: first.port });
  onTestFinished(() => second.stop());
  await periodic.start();
  await recorder.untilNoted("resync");
  await expect.poll(() => bus.redis.hexists(keys.positions(`rt:{${company}}`), id ?? "")).toBe(1);
  await periodic.stop();
});

test("checks the oldest row that was certainly published within the window, or else all rows", () => {
  const row = (seconds: number) => ({ publishedAt: ago(seconds) });
  const [edge, old, young] = [row(windowMs / 1_000 - 2), row(45), row(3)];
  expect(rowsToCheck([young, edge, old], Date.now())).toEqual([old]);
  expect(rowsToCheck([edge], Date.now())).toEqual([edge]);
  expect(rowsToCheck([], Date.now())).toEqual([]);
});
