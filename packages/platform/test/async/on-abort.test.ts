import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { onAbort, pause, retryUntilAborted, withTimeout } from "../../src/async/index.ts";

const hourMs = 3_600_000;

test("waits a hundred times for one signal with a single listener", async () => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pending = Array.from({ length: 100 }, () => [
    pause(hourMs, signal),
    withTimeout(new Promise<never>(() => {}), { timeoutMs: hourMs, error: "the work", signal }).catch(() => undefined),
    retryUntilAborted(() => Promise.reject(new Error("away")), { backoff: { firstMs: hourMs, maxMs: hourMs }, signal }),
  ]);
  await new Promise(setImmediate);

  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  stopping.abort();
  await Promise.all(pending.flat());
});

test("calls each callback once, and none that was removed", () => {
  const stopping = new AbortController();
  const calls: string[] = [];
  const callTwice = () => calls.push("twice");
  onAbort(stopping.signal, callTwice);
  onAbort(stopping.signal, callTwice);
  onAbort(stopping.signal, () => calls.push("removed"))();

  stopping.abort();
  stopping.signal.dispatchEvent(new Event("abort"));

  expect(calls).toEqual(["twice", "twice"]);
});

test("keeps no callback of waits that have ended", async () => {
  const stopping = new AbortController();
  for (let count = 0; count < 20; count += 1) await pause(0, stopping.signal);
  await withTimeout(Promise.resolve(), { timeoutMs: hourMs, error: "the work", signal: stopping.signal });
  expect(getEventListeners(stopping.signal, "abort")).toHaveLength(1);
});
