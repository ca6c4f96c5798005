import { setImmediate as nextTurn } from "node:timers/promises";
import { createMetrics } from "@syszap/platform";
import { expect, test } from "vitest";
import type { Connection } from "../src/connection/connection.ts";
import { Liveness } from "../src/connection/liveness.ts";
import { FanOut } from "../src/fan-out/fan-out.ts";
import { Feed, type FeedItem } from "../src/fan-out/feed.ts";
import { Pace } from "../src/fan-out/pace.ts";
import { defaultLimits } from "../src/limits.ts";
import { createGatewayMetrics } from "../src/metrics.ts";

const metrics = createGatewayMetrics(createMetrics("test"), {
  connections: () => 0,
  companies: () => 0,
  pendingBytes: () => 0,
  unsentBytes: () => 0,
  isBusReady: () => true,
});
const writeMs = 0.02;
const spin = (ms: number) => {
  for (const endsAt = performance.now() + ms; performance.now() < endsAt; );
};

/** A connection whose every write takes as long as the kernel would. */
const connectionOf = (overrides: Partial<Connection>): Connection =>
  ({
    isOpen: true,
    startsAfter: 0,
    countedBytes: 0,
    unsentBytes: 0,
    heartbeatSlot: -1,
    pingDueAt: 0,
    lastHeardAt: Date.now(),
    identity: { expiresAt: Number.MAX_SAFE_INTEGER },
    mayRead: () => true,
    ...overrides,
  }) as Connection;

function feedOf(connections: number, onWrite: () => void): Feed {
  const feed = new Feed();
  for (let count = 0; count < connections; count++) feed.connections.add(connectionOf({ write: onWrite }));
  return feed;
}
const event = (feed: Feed): FeedItem => {
  feed.ordinal += 1;
  const cursor = `${feed.ordinal}.0123456789abcdef`;
  return { kind: "event", ordinal: feed.ordinal, cursor, frame: Buffer.from("{}"), audience: { kind: "company" } };
};

test("a company with a crowd does not keep a quiet one waiting, nor the loop", async () => {
  const fanOut = new FanOut(defaultLimits, metrics);
  const crowd = 10_000;
  let [crowdWrites, writesBeforeQuiet, turns] = [0, Number.NaN, 0];
  const loud = feedOf(crowd, () => {
    crowdWrites += 1;
    spin(writeMs);
  });
  const quiet = feedOf(1, () => {
    writesBeforeQuiet = crowdWrites;
  });
  fanOut.push(loud, event(loud));
  await nextTurn();
  fanOut.push(quiet, event(quiet));
  for (; crowdWrites < crowd; turns++) await nextTurn();
  expect(writesBeforeQuiet).toBeLessThan(crowd / 10);
  // 200 ms of writing in turns of 6 ms.
  expect(turns).toBeGreaterThan(20);
});

test("the first event goes at once; while there is much to do, what follows soon shares a write", async () => {
  const fanOut = new FanOut(defaultLimits, metrics);
  let writes = 0;
  const feed = feedOf(15, () => {
    writes += 1;
    spin(writeMs);
  });
  fanOut.push(feed, event(feed));
  await nextTurn();
  expect(writes).toBe(15);
  // By themselves these would take seconds of writing.
  for (let count = 0; count < 4_000; count++) fanOut.push(feed, event(feed));
  await expect.poll(() => fanOut.pendingBytes, { interval: 1 }).toBe(0);
  writes = 0;
  const followers = 90;
  for (let count = 0; count < followers; count++) {
    fanOut.push(feed, event(feed));
    await nextTurn();
  }
  await expect.poll(() => fanOut.pendingBytes).toBe(0);
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan((15 * followers) / 3);
});

test("nobody rests while there is little to do, and a rest has its bound", () => {
  const pace = new Pace();
  const note = (startedAt: number, deliveries: number) =>
    pace.note({ startedAt, endedAt: startedAt + 0.1, writes: 20, deliveries });
  for (let at = 0; at < 1_000; at += 10) note(at, 20);
  expect(pace.restMs).toBe(0);
  for (let at = 1_000; at < 2_000; at += 10) note(at, 20_000);
  expect(pace.restMs).toBe(60);
  note(5_000, 1);
  expect(pace.restMs).toBe(0);
});

test("connections that came together are not pinged together, and who spoke is not pinged", async () => {
  const limits = { ...defaultLimits, pingEveryMs: 400, sweepEveryMs: 10, deadAfterMs: 60_000 };
  const pings: number[] = [];
  let [ticks, pingsOfTick, mostInOneTick, pingsOfTheTalkative] = [0, 0, 0, 0];
  const liveness = new Liveness(limits, () => {
    ticks += 1;
    mostInOneTick = Math.max(mostInOneTick, pingsOfTick);
    pingsOfTick = 0;
  });
  const crowd = 1_000;
  for (let count = 0; count < crowd; count++) {
    const connection = connectionOf({
      ping: () => {
        pingsOfTick += 1;
        pings.push(count);
      },
    });
    liveness.watch(connection);
  }
  const talkative = connectionOf({ ping: () => (pingsOfTheTalkative += 1) });
  Object.defineProperty(talkative, "lastHeardAt", { get: () => Date.now() });
  liveness.watch(talkative);
  await expect.poll(() => new Set(pings).size, { timeout: 5_000 }).toBe(crowd);
  liveness.stop();
  expect(ticks).toBeGreaterThan(5);
  expect(mostInOneTick).toBeLessThan(crowd / 2);
  expect(pingsOfTheTalkative).toBe(0);
});
