import { setImmediate as nextTurn } from "node:timers/promises";
import { createMetrics } from "@syszap/platform";
import { expect, onTestFinished, test, vi } from "vitest";
import { FanOut } from "../../src/fan-out/fan-out.ts";
import { Feed, type FeedItem } from "../../src/fan-out/feed.ts";
import { Pace } from "../../src/fan-out/pace.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createGatewayMetrics } from "../../src/metrics.ts";
import { connectionOf } from "../connection-fixture.ts";

const metrics = createGatewayMetrics(createMetrics("test"), {
  connections: () => 0,
  companies: () => 0,
  pendingBytes: () => 0,
  unsentBytes: () => 0,
  isBusReady: () => true,
});
/** Cost of one socket write in the virtual time of these tests. */
const writeMs = 0.02;

/** Replaces the clock by one that moves only when a test moves it, so that results do not depend on the machine. */
function useVirtualClock() {
  let now = 1_000;
  let timersNow = now;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  return {
    /** Models work that takes CPU time; timers do not fire meanwhile. */
    work(ms: number): void {
      now += ms;
    },
    /** Lets time pass, fires the timers that are due, and runs one turn of the event loop. */
    async pass(ms: number): Promise<void> {
      now += ms;
      vi.advanceTimersByTime(now - timersNow);
      timersNow = now;
      await nextTurn();
    },
  };
}

function feedOf(connections: number, onWrite: () => void): Feed {
  const feed = new Feed();
  for (let count = 0; count < connections; count += 1) feed.connections.add(connectionOf({ write: onWrite }));
  return feed;
}

const event = (feed: Feed): FeedItem => {
  feed.ordinal += 1;
  const cursor = `${feed.ordinal}.0123456789abcdef`;
  return { kind: "event", ordinal: feed.ordinal, cursor, frame: Buffer.from("{}"), audience: { kind: "company" } };
};

test("a company with many connections delays neither another company nor the event loop", async () => {
  const clock = useVirtualClock();
  const fanOut = new FanOut(defaultLimits, metrics);
  const crowd = 10_000;
  let crowdWrites = 0;
  let writesBeforeQuiet = Number.NaN;
  let turns = 0;
  const loud = feedOf(crowd, () => {
    crowdWrites += 1;
    clock.work(writeMs);
  });
  const quiet = feedOf(1, () => {
    writesBeforeQuiet = crowdWrites;
  });

  fanOut.push(loud, event(loud));
  await nextTurn();
  fanOut.push(quiet, event(quiet));
  for (; crowdWrites < crowd; turns += 1) await nextTurn();

  expect(writesBeforeQuiet).toBeLessThan(crowd / 10);
  expect(turns).toBeGreaterThan(20); // 200 ms of writing in turns of at most 6 ms
});

test("writes the first event at once and combines later events under load", async () => {
  const clock = useVirtualClock();
  const fanOut = new FanOut(defaultLimits, metrics);
  const connections = 15;
  let writes = 0;
  const feed = feedOf(connections, () => {
    writes += 1;
    clock.work(writeMs);
  });
  const drained = async () => {
    while (fanOut.pendingBytes > 0) await clock.pass(1);
  };

  fanOut.push(feed, event(feed));
  await nextTurn();
  expect(writes).toBe(connections);

  // Written separately, these events would take more than a second.
  for (let count = 0; count < 4_000; count += 1) fanOut.push(feed, event(feed));
  await drained();

  writes = 0;
  const followers = 90;
  for (let count = 0; count < followers; count += 1) {
    fanOut.push(feed, event(feed));
    await clock.pass(0.1);
  }
  await drained();

  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan((connections * followers) / 3);
});

test("does not rest under low load and bounds the rest under high load", () => {
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
