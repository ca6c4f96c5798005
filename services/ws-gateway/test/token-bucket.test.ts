import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeyedBuckets, TokenBucket } from "../src/token-bucket.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("allows a burst and refills at the rate, up to the burst", () => {
  const bucket = new TokenBucket(2, 10);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);

  vi.advanceTimersByTime(100);
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);

  vi.advanceTimersByTime(60_000);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});

test("counts each key by itself", () => {
  const buckets = new KeyedBuckets({ burst: 1, perSecond: 1, maxKeys: 10 });

  expect([buckets.take("a"), buckets.take("a"), buckets.take("b")]).toEqual([true, false, true]);
});

test("keeps at most the given number of keys and drops the least recently used one", () => {
  const buckets = new KeyedBuckets({ burst: 1, perSecond: 1, maxKeys: 1_000 });
  buckets.take("busy");

  for (let number = 0; number < 20_000; number += 1) {
    buckets.take(`address ${number}`);
    expect(buckets.take("busy")).toBe(false);
  }

  expect(buckets.size).toBe(1_000);
  expect(buckets.take("address 0")).toBe(true); // dropped meanwhile
  expect(buckets.take("address 19999")).toBe(false);
});
