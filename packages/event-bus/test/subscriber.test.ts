import { channels, keys } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { expect, onTestFinished } from "vitest";
import { type Backlog, Publisher, toCursor } from "../src/index.ts";
import { join, newCompany, newEvent, newEvents, openBus, silent } from "./recorder.ts";

const openTestBus = (redisUrl: string) => {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  return bus;
};
const withoutHeadChecks = { headCheckMs: 60_000_000 };
const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

redisTest(
  "delivers each event of a joined company once, in order, and none of other companies",
  async ({ redisUrl }) => {
    const { publisher, subscribe } = openTestBus(redisUrl);
    const { subscriber, recorder } = subscribe();
    const [company, other] = [newCompany(), newCompany()];
    const backlog = await join(subscriber, company);
    expect(backlog).toMatchObject({ recovered: false, missed: [] });
    const events = newEvents(200);
    await publisher.publishDurable(other, newEvents(5));
    await publisher.publishDurable(company, events);
    await recorder.untilNoted(events.at(-1)?.id ?? "");
    expect(recorder.entries).toEqual(idsOf(events));
  },
);

redisTest("loses and repeats nothing when the link is lost while events are published", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const company = newCompany();
  await join(subscriber, company);
  const [events, last] = [newEvents(600), newEvent()];
  for (const [index, event] of events.entries()) {
    if (index % 120 === 119) await redis.client("KILL", "TYPE", "pubsub");
    await publisher.publishDurable(company, [event]);
  }
  // No event follows the last one, so only the check after the reconnect can find it.
  await recorder.untilNoted(events.at(-1)?.id ?? "");
  await publisher.publishDurable(company, [last]);
  await recorder.untilNoted(last.id);
  expect(recorder.entries).toEqual(idsOf([...events, last]));
});

redisTest("drops a message that is not in the log, and continues the stream", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const company = newCompany();
  await join(subscriber, company);
  const [before, after] = [newEvent(), newEvent()];
  await publisher.publishDurable(company, [before]);
  const ghost = `1 2 ${"a".repeat(16)} ${"b".repeat(16)} 0 c\n{"id":"ghost"}`;
  await redis.publish(channels.company(company), ghost);
  await publisher.publishDurable(company, [after]);
  await recorder.untilNoted(after.id);
  // The message must not be buffered either, which would cause repeated reads of the log.
  const reads = async () => Number(/cmdstat_xrange:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const readsBefore = await reads();
  for (let count = 0; count < 30; count++) await redis.ping();
  expect(await reads()).toBeLessThan(readsBefore + 5);
  expect(recorder.entries).toEqual([before.id, after.id]);
});

redisTest("finds a lost last message with the head check", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe({ headCheckMs: 240 });
  const company = newCompany();
  const channel = channels.company(company);
  await join(subscriber, company);
  const [first, lost] = [newEvent(), newEvent()];
  await publisher.publishDurable(company, [first]);
  await recorder.untilNoted(first.id);
  // Simulates a lost PUBLISH: the event is only in log and head.
  const copy = newCompany();
  for (const key of [keys.log, keys.head]) await redis.copy(key(channel), key(channels.company(copy)));
  await publisher.publishDurable(copy, [lost]);
  for (const key of [keys.log, keys.head]) await redis.copy(key(channels.company(copy)), key(channel), "REPLACE");
  await recorder.untilNoted(lost.id);
  expect(recorder.entries).toEqual([first.id, lost.id]);
});

redisTest("emits resync for a new log, then continues", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe();
  const company = newCompany();
  await join(subscriber, company);
  const [before, unseen, after] = [newEvent(), newEvent(), newEvent()];
  await publisher.publishDurable(company, [before]);
  await recorder.untilNoted(before.id);
  await redis.del(keys.head(channels.company(company)));
  await publisher.publishDurable(company, [unseen]);
  await recorder.untilNoted("resync");
  await publisher.publishDurable(company, [after]);
  await recorder.untilNoted(after.id);
  expect(recorder.entries.filter((entry) => entry !== unseen.id)).toEqual([before.id, "resync", after.id]);
});

redisTest("resumes a cursor from the tail, or from the log if the tail is too short", async ({ redisUrl }) => {
  const { publisher, subscribe } = openTestBus(redisUrl);
  const company = newCompany();
  const events = newEvents(700);
  const positions = (await publisher.publishDurable(company, events)).map(toCursor);
  const { subscriber, recorder } = subscribe();
  await join(subscriber, company);
  const missedSince = async (index: number) => {
    const backlog = await join(subscriber, company, positions[index]);
    expect(backlog.recovered).toBe(true);
    return backlog.missed.map(({ frame }) => (JSON.parse(frame.toString()) as { id: string }).id);
  };
  expect(await missedSince(699)).toEqual([]);
  expect(await missedSince(650)).toEqual(idsOf(events.slice(651)));
  const storm = await Promise.all([10, 300, 0, 690].map(missedSince));
  expect(storm.map((missed) => missed.length)).toEqual([689, 399, 699, 9]);
  const live = newEvent();
  await publisher.publishDurable(company, [live]);
  await recorder.untilNoted(live.id);
  expect(await missedSince(698)).toEqual([events[699]?.id, live.id]);
});

redisTest("does not recover a cursor that is not in the log", async ({ redisUrl }) => {
  const { redis, subscribe } = openTestBus(redisUrl);
  const publisher = new Publisher(redis, silent, { windowMs: 600_000, maxBytes: 1024 * 1024 });
  const { subscriber } = subscribe();
  const company = newCompany();
  const body = "x".repeat(1_000);
  const positions = await publisher.publishDurable(
    company,
    Array.from({ length: 2_600 }, () => newEvent({ Body: body })),
  );
  const head = await publisher.head(company);
  const trimmed = toCursor(positions[3] ?? { seq: 0, link: "" });
  const notRecovered = { recovered: false, cursor: head, missed: [], end: head, isComplete: true };
  for (const since of [trimmed, `2599.${"0".repeat(16)}`, `999999.${"0".repeat(16)}`, `0.${"a".repeat(16)}`, "junk"])
    expect(await join(subscriber, company, since)).toEqual(notRecovered);
});

redisTest("reads a long backlog in parts, from the log and then from memory, without a gap", async ({ redisUrl }) => {
  const { publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber } = subscribe();
  const company = newCompany();
  const since = await publisher.head(company);
  const events = newEvents(6_000);
  await publisher.publishDurable(company, events);
  const parts: Backlog[] = [];
  const note = (part: Backlog) => void parts.push(part);
  await subscriber.join(company, since, note, 10_000);
  while (!parts.at(-1)?.isComplete) await subscriber.readMore(company, parts.at(-1)?.end ?? "", note, 300_000);
  expect(parts.map(({ recovered }) => recovered)).toEqual(parts.map(() => true));
  expect(parts.map(({ cursor }) => cursor)).toEqual([since, ...parts.slice(0, -1).map(({ end }) => end)]);
  const bytes = parts.map(({ missed }) => missed.reduce((sum, { frame }) => sum + frame.length, 0));
  expect(bytes[0]).toBeLessThanOrEqual(10_000);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(300_000);
  const ids = parts.flatMap(({ missed }) => missed.map(({ frame }) => JSON.parse(frame.toString()).id));
  expect(ids).toEqual(events.map(({ id }) => id));
});

redisTest(
  "delivers again after all connections of a company left and returned, at once or later",
  async ({ redisUrl }) => {
    const { publisher, subscribe } = openTestBus(redisUrl);
    const { subscriber, recorder } = subscribe({ leaveAfterMs: 0 });
    const company = newCompany();
    await join(subscriber, company);
    subscriber.leave(company);
    await join(subscriber, company);
    subscriber.leave(company);
    await expect.poll(() => subscriber.companyCount).toBe(0);
    const [missed, live] = [newEvent(), newEvent()];
    const since = await publisher.head(company);
    await publisher.publishDurable(company, [missed]);
    const backlog = await join(subscriber, company, since);
    expect(backlog.missed).toHaveLength(1);
    await publisher.publishDurable(company, [live]);
    await recorder.untilNoted(live.id);
    expect(recorder.entries).toEqual([live.id]);
  },
);

redisTest("delivers control commands, also those sent while the link was lost", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const [companyId, userId] = [newCompany(), newCompany()];
  await join(subscriber, companyId);
  await publisher.controlGateways({ kind: "disconnect_company", companyId });
  await redis.client("KILL", "TYPE", "pubsub");
  await publisher.controlGateways({ kind: "disconnect_user", companyId, userId });
  await recorder.untilNoted("disconnect_user");
  // `disconnect_user` also publishes `access_changed` in the company's log.
  const commands = recorder.entries.filter((entry) => entry.startsWith("disconnect_"));
  expect(commands).toEqual(["disconnect_company", "disconnect_user"]);
});

redisTest("delivers broadcasts to everyone, and drops expired events", async ({ redisUrl }) => {
  const { publisher, subscribe } = openTestBus(redisUrl);
  const { subscriber, recorder } = subscribe();
  const company = newCompany();
  await join(subscriber, company);
  await expect.poll(() => subscriber.isReady).toBe(true);
  const data = { title: "t", body: "b", level: "info" as const, timestamp: new Date().toISOString() };
  const event = { type: "announcement" as const, audience: { kind: "company" as const }, data };
  await publisher.publishEphemeral(company, { ...event, data: { ...data, title: "stale" } }, { expiresInMs: -1 });
  await publisher.broadcastToCompany(company, { ...event, data: { ...data, title: "company" } });
  await publisher.broadcastToAll({ ...data, title: "all" });
  await recorder.until(() => recorder.frames.length === 2);
  expect(recorder.frames.map((frame) => (frame.data as { title: string }).title)).toEqual(["company", "all"]);
});
