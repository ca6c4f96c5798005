import { startRedisWithSentinel } from "@syszap/testing";
import { expect, onTestFinished, test } from "vitest";
import { join, newCompany, newEvent, newEvents, openSentinelBus } from "./recorder.ts";

const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

test("keeps connections and continues the stream, or emits resync, after a failover by Sentinel", async () => {
  const sentinel = await startRedisWithSentinel();
  const { port: sentinelPort } = new URL(sentinel.url.replace("redis-sentinel", "http"));
  const bus = openSentinelBus(Number(sentinelPort), "syszap");
  onTestFinished(async () => {
    bus.close();
    await sentinel.stop();
  });
  const { subscriber, recorder } = bus.subscribe();
  const company = newCompany();
  await join(subscriber, company);
  const before = newEvents(50);
  await bus.publisher.publishDurable(company, before);
  await recorder.untilNoted(before.at(-1)?.id ?? "");
  await sentinel.failOver();
  const after = newEvent();
  // Fails while there is no master. The event id makes the retry idempotent.
  await expect
    .poll(() => bus.publisher.publishDurable(company, [after]).then(() => "published", String))
    .toBe("published");
  // When the killed master had not replicated everything, the resync stands for `after`, and the stream continues behind it.
  await recorder.until(() => recorder.entries.some((entry) => entry === after.id || entry === "resync"));
  const last = newEvent();
  await bus.publisher.publishDurable(company, [last]);
  await recorder.untilNoted(last.id);
  const ids = recorder.entries.filter((entry) => entry !== "resync" && entry !== "control commands lost");
  const isCovered = recorder.entries.includes("resync") && !ids.includes(after.id);
  expect(ids).toEqual(idsOf([...before, ...(isCovered ? [] : [after]), last]));
  await expect.poll(() => subscriber.isReady).toBe(true);
});
