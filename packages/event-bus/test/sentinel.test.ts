import { startRedisWithSentinel } from "@syszap/testing";
import { expect, onTestFinished, test } from "vitest";
import { aChange, changes, join, newCompany, openSentinelBus } from "./recorder.ts";

const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

test("when Sentinel makes the replica master, connections stay and the stream goes on, or says where it broke", async () => {
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
  const before = changes(50);
  await bus.publisher.publishDurable(company, before);
  await recorder.untilTold(before.at(-1)?.id ?? "");
  await sentinel.failOver();
  const after = aChange();
  // Fails while no master can be asked; the id makes a repeat harmless.
  await expect
    .poll(() => bus.publisher.publishDurable(company, [after]).then(() => "published", String), { timeout: 15_000 })
    .toBe("published");
  await recorder.untilTold(after.id);
  const told = recorder.told.filter((what) => what !== "resync" && what !== "orders lost");
  expect(told).toEqual(idsOf([...before, after]));
  await expect.poll(() => subscriber.isReady, { timeout: 15_000 }).toBe(true);
}, 60_000);
