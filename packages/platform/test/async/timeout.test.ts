import { expect, test } from "vitest";
import { pause, resultWithin, TimeoutError, withTimeout } from "../../src/async/index.ts";

const never = new Promise<never>(() => {});
const hourMs = 3_600_000;

test("returns the result of work that ends in time", async () => {
  expect(await withTimeout(Promise.resolve(1), { timeoutMs: hourMs, error: "the work" })).toBe(1);
  expect(await resultWithin(Promise.resolve(1), hourMs)).toBe(1);
});

test("passes on the error of the work", async () => {
  const failing = () => Promise.reject(new Error("of the work"));

  await expect(withTimeout(failing(), { timeoutMs: hourMs, error: "the work" })).rejects.toThrow("of the work");
  await expect(resultWithin(failing(), hourMs)).rejects.toThrow("of the work");
});

test("rejects with the name of the work when it takes too long", async () => {
  const late = withTimeout(never, { timeoutMs: 1, error: "the work" });

  await expect(late).rejects.toThrow(new TimeoutError("the work took longer than 1 ms"));
});

test("rejects with the error of the caller when the work takes too long", async () => {
  const error = new RangeError("of the caller");

  await expect(withTimeout(never, { timeoutMs: 1, error: () => error })).rejects.toBe(error);
});

test("rejects at once when the signal aborts", async () => {
  const stopping = new AbortController();
  const pending = withTimeout(never, { timeoutMs: hourMs, error: "the work", signal: stopping.signal });
  const early = withTimeout(never, { timeoutMs: hourMs, error: "the work", signal: AbortSignal.abort() });

  stopping.abort();

  await expect(pending).rejects.toThrow(TimeoutError);
  await expect(early).rejects.toThrow(TimeoutError);
});

test("returns undefined for work that takes too long", async () => {
  expect(await resultWithin(never, 1)).toBeUndefined();
});

test("ignores a failure after the timeout", async () => {
  let fail: (error: Error) => void = () => {};
  const work = new Promise<never>((_, reject) => {
    fail = reject;
  });

  expect(await resultWithin(work, 1)).toBeUndefined();
  fail(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail the test run
});

test("pauses until the signal aborts", async () => {
  const stopping = new AbortController();
  const paused = pause(hourMs, stopping.signal);

  stopping.abort();

  await expect(paused).resolves.toBeUndefined();
  await expect(pause(hourMs, stopping.signal)).resolves.toBeUndefined();
  await expect(pause(1)).resolves.toBeUndefined();
});
