import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Liveness } from "../../src/connection/liveness.ts";
import { defaultLimits } from "../../src/limits.ts";
import { connectionOf } from "../connection-fixture.ts";

const limits = { ...defaultLimits, pingEveryMs: 400, sweepEveryMs: 10, deadAfterMs: 60_000 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("spreads the pings of connections that were opened together", () => {
  const crowd = 1_000;
  const pinged = new Set<number>();
  const pingsPerTick: number[] = [];
  let pings = 0;
  const liveness = new Liveness(limits, () => {
    pingsPerTick.push(pings);
    pings = 0;
  });
  for (let number = 0; number < crowd; number += 1) {
    const ping = () => {
      pinged.add(number);
      pings += 1;
    };
    liveness.watch(connectionOf({ ping }));
  }

  vi.advanceTimersByTime(limits.pingEveryMs + limits.sweepEveryMs);
  liveness.stop();

  expect(pinged.size).toBe(crowd);
  expect(Math.max(...pingsPerTick)).toBeLessThan(crowd / 5); // the expected value is crowd / 20
});

test("does not ping a connection that was active recently", () => {
  const ping = vi.fn();
  const active = connectionOf({ ping });
  Object.defineProperty(active, "lastActivityAt", { get: () => Date.now() });
  const liveness = new Liveness(limits, () => {});

  liveness.watch(active);
  vi.advanceTimersByTime(10 * limits.pingEveryMs);
  liveness.stop();

  expect(ping).not.toHaveBeenCalled();
});
