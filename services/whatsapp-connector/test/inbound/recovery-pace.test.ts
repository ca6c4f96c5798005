import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RecoveryPace } from "../../src/inbound/recovery-pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

/** The order numbers of the facts that were forwarded, as they are forwarded. */
function forwardedOf(pace: RecoveryPace, count: number, signal = never): number[] {
  const forwarded: number[] = [];
  for (let fact = 0; fact < count; fact++) void pace.wait(signal).then(() => forwarded.push(fact));
  return forwarded;
}

test("forwards facts at the given rate in ten bursts per second, in the order of the calls", async () => {
  const forwarded = forwardedOf(new RecoveryPace(100), 1_000);
  await vi.advanceTimersByTimeAsync(1_050);
  expect(forwarded).toEqual(Array.from({ length: 110 }, (_, fact) => fact));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(forwarded).toHaveLength(210);
});

test("an idle time allows no larger burst", async () => {
  const pace = new RecoveryPace(100);
  await vi.advanceTimersByTimeAsync(60_000);
  const forwarded = forwardedOf(pace, 100);
  await vi.advanceTimersByTimeAsync(150);
  expect(forwarded).toHaveLength(20);
});

test("ends all waits when the connector stops", async () => {
  const stopping = new AbortController();
  const forwarded = forwardedOf(new RecoveryPace(1), 100, stopping.signal);
  stopping.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(forwarded).toHaveLength(100);
});
