import { expect, test } from "vitest";
import { backoffDelay, jittered, retryUntilAborted } from "../../src/async/index.ts";

const lowest = () => 0;
const middle = () => 0.5;
const highest = () => 1;

test("doubles the ceiling with each retry up to the maximum", () => {
  const backoff = { firstMs: 100, maxMs: 1_000 };

  const ceilings = [0, 1, 2, 3, 4, 5, 1_000].map((retry) => backoffDelay(retry, backoff, highest));

  expect(ceilings).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
});

test("draws from zero with full jitter and from half the ceiling with equal jitter", () => {
  const backoff = { firstMs: 100, maxMs: 1_000 };

  expect(backoffDelay(1, backoff, lowest)).toBe(0);
  expect(backoffDelay(1, backoff, middle)).toBe(100);
  expect(backoffDelay(1, { ...backoff, jitter: "equal" }, lowest)).toBe(100);
  expect(backoffDelay(1, { ...backoff, jitter: "equal" }, middle)).toBe(150);
  expect(backoffDelay(1, { ...backoff, jitter: "equal" }, highest)).toBe(200);
});

test("varies a duration by the given ratio in both directions", () => {
  expect([lowest, middle, highest].map((random) => jittered(1_000, 0.25, random))).toEqual([750, 1_000, 1_250]);
});

test("retries until the attempt succeeds and reports each failure", async () => {
  const failures: unknown[] = [];
  const attempt = async () => {
    if (failures.length < 3) throw new Error(`failure ${failures.length}`);
    return "done";
  };

  const outcome = await retryUntilAborted(attempt, {
    backoff: { firstMs: 1, maxMs: 1 },
    signal: new AbortController().signal,
    onFailure: (err, retry) => failures.push([(err as Error).message, retry]),
  });

  expect(outcome).toEqual({ result: "done" });
  expect(failures).toEqual([
    ["failure 0", 0],
    ["failure 1", 1],
    ["failure 2", 2],
  ]);
});

test("ends the retries when the signal aborts during the delay", async () => {
  const stopping = new AbortController();
  let attempts = 0;

  const outcome = await retryUntilAborted(
    async () => {
      attempts += 1;
      throw new Error("fails");
    },
    {
      backoff: { firstMs: 3_600_000, maxMs: 3_600_000, jitter: "equal" },
      signal: stopping.signal,
      onFailure: () => setImmediate(() => stopping.abort()),
    },
  );

  expect(outcome).toBeUndefined();
  expect(attempts).toBe(1);
});

test("does not attempt anything when the signal was aborted before", async () => {
  const outcome = await retryUntilAborted(() => Promise.reject(new Error("must not run")), {
    backoff: { firstMs: 1, maxMs: 1 },
    signal: AbortSignal.abort(),
  });

  expect(outcome).toBeUndefined();
});
