import { channels, keys } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { expect, onTestFinished } from "vitest";
import { toCursor } from "../src/index.ts";
import { aChange, changes, join, newCompany, openBus } from "./recorder.ts";

const opened = (redisUrl: string) => {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  return bus;
};
const withoutHeadChecks = { headCheckMs: 60_000_000 };
const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

redisTest("whoever joined gets each event once, in order, and nothing of other companies", async ({ redisUrl }) => {
  const { publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe();
  const [company, other] = [newCompany(), newCompany()];
  const past = await join(subscriber, company);
  expect(past).toMatchObject({ recovered: false, missed: [] });
  const events = changes(200);
  await publisher.publishDurable(other, changes(5));
  await publisher.publishDurable(company, events);
  await recorder.untilTold(events.at(-1)?.id ?? "");
  expect(recorder.told).toEqual(idsOf(events));
});

redisTest("a lost link loses nothing and doubles nothing while others publish", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const company = newCompany();
  await join(subscriber, company);
  const [events, last] = [changes(600), aChange()];
  for (const [index, event] of events.entries()) {
    if (index % 120 === 119) await redis.client("KILL", "TYPE", "pubsub");
    await publisher.publishDurable(company, [event]);
  }
  // Nothing followed the last one: only the check after reconnecting finds it.
  await recorder.untilTold(events.at(-1)?.id ?? "");
  await publisher.publishDurable(company, [last]);
  await recorder.untilTold(last.id);
  expect(recorder.told).toEqual(idsOf([...events, last]));
});

redisTest("a message that the log does not know is dropped, and the stream goes on", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const company = newCompany();
  await join(subscriber, company);
  const [before, after] = [aChange(), aChange()];
  await publisher.publishDurable(company, [before]);
  const ghost = `1 2 ${"a".repeat(16)} ${"b".repeat(16)} 0 c\n{"id":"ghost"}`;
  await redis.publish(channels.company(company), ghost);
  await publisher.publishDurable(company, [after]);
  await recorder.untilTold(after.id);
  // Not kept waiting either: that would read the log again and again.
  const reads = async () => Number(/cmdstat_xrange:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1]);
  const readsBefore = await reads();
  for (let asked = 0; asked < 30; asked++) await redis.ping();
  expect(await reads()).toBeLessThan(readsBefore + 5);
  expect(recorder.told).toEqual([before.id, after.id]);
});

redisTest("a last message that was lost on the way is found by the head check", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe({ headCheckMs: 240 });
  const company = newCompany();
  const channel = channels.company(company);
  await join(subscriber, company);
  const [first, lost] = [aChange(), aChange()];
  await publisher.publishDurable(company, [first]);
  await recorder.untilTold(first.id);
  // As if its PUBLISH never arrived: only log and head know it.
  const copy = newCompany();
  for (const key of [keys.log, keys.head]) await redis.copy(key(channel), key(channels.company(copy)));
  await publisher.publishDurable(copy, [lost]);
  for (const key of [keys.log, keys.head]) await redis.copy(key(channels.company(copy)), key(channel), "REPLACE");
  await recorder.untilTold(lost.id);
  expect(recorder.told).toEqual([first.id, lost.id]);
});

redisTest("a log that began anew is told as resync, then goes on", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe();
  const company = newCompany();
  await join(subscriber, company);
  const [before, unseen, after] = [aChange(), aChange(), aChange()];
  await publisher.publishDurable(company, [before]);
  await recorder.untilTold(before.id);
  await redis.del(keys.head(channels.company(company)));
  await publisher.publishDurable(company, [unseen]);
  await recorder.untilTold("resync");
  await publisher.publishDurable(company, [after]);
  await recorder.untilTold(after.id);
  expect(recorder.told.filter((told) => told !== unseen.id)).toEqual([before.id, "resync", after.id]);
});

redisTest("a cursor is honoured from the tail, and from the log when the tail is younger", async ({ redisUrl }) => {
  const { publisher, subscribe } = opened(redisUrl);
  const company = newCompany();
  const events = changes(700);
  const positions = (await publisher.publishDurable(company, events)).map(toCursor);
  const { subscriber, recorder } = subscribe();
  await join(subscriber, company);
  const missedSince = async (index: number) => {
    const past = await join(subscriber, company, positions[index]);
    expect(past.recovered).toBe(true);
    return past.missed.map(({ frame }) => (JSON.parse(frame.toString()) as { id: string }).id);
  };
  expect(await missedSince(699)).toEqual([]);
  expect(await missedSince(650)).toEqual(idsOf(events.slice(651)));
  const storm = await Promise.all([10, 300, 0, 690].map(missedSince));
  expect(storm.map((missed) => missed.length)).toEqual([689, 399, 699, 9]);
  const live = aChange();
  await publisher.publishDurable(company, [live]);
  await recorder.untilTold(live.id);
  expect(await missedSince(698)).toEqual([events[699]?.id, live.id]);
});

redisTest("a cursor that nobody can vouch for is not recovered", async ({ redisUrl }) => {
  const { publisher, subscribe } = opened(redisUrl);
  const { subscriber } = subscribe();
  const company = newCompany();
  const positions = await publisher.publishDurable(company, changes(2_600));
  const head = await publisher.head(company);
  const trimmed = toCursor(positions[3] ?? { seq: 0, link: "" });
  for (const since of [trimmed, `2599.${"0".repeat(16)}`, `999999.${"0".repeat(16)}`, `0.${"a".repeat(16)}`, "junk"])
    expect(await join(subscriber, company, since)).toEqual({ recovered: false, cursor: head, head, missed: [] });
});

redisTest("a company that everybody left is heard again after a return, at once or later", async ({ redisUrl }) => {
  const { publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe({ leaveAfterMs: 0 });
  const company = newCompany();
  await join(subscriber, company);
  subscriber.leave(company);
  await join(subscriber, company);
  subscriber.leave(company);
  await expect.poll(() => subscriber.companyCount).toBe(0);
  const [unheard, heard] = [aChange(), aChange()];
  const since = await publisher.head(company);
  await publisher.publishDurable(company, [unheard]);
  const past = await join(subscriber, company, since);
  expect(past.missed).toHaveLength(1);
  await publisher.publishDurable(company, [heard]);
  await recorder.untilTold(heard.id);
  expect(recorder.told).toEqual([heard.id]);
});

redisTest("orders reach every gateway, also those given while its link was lost", async ({ redisUrl }) => {
  const { redis, publisher, subscribe } = opened(redisUrl);
  const { subscriber, recorder } = subscribe(withoutHeadChecks);
  const [companyId, userId] = [newCompany(), newCompany()];
  await join(subscriber, companyId);
  await publisher.controlGateways({ kind: "disconnect_company", companyId });
  await redis.client("KILL", "TYPE", "pubsub");
  await publisher.controlGateways({ kind: "disconnect_user", companyId, userId });
  await recorder.untilTold("disconnect_user");
  expect(recorder.told).toEqual(["disconnect_company", "disconnect_user"]);
});

redisTest("what is said to everyone reaches everyone; what is stale reaches nobody", async ({ redisUrl }) => {
  const { publisher, subscribe } = opened(redisUrl);
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
