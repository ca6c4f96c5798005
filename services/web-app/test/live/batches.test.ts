import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Batches } from "../../src/notices/batches.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first item is passed on at once, and the items that follow within a second together", () => {
  const passed: number[][] = [];
  const batches = new Batches<number>((items) => passed.push(items));
  for (const item of [1, 2, 3]) batches.add(item);
  expect(passed).toEqual([[1]]);
  vi.advanceTimersByTime(1_000);
  expect(passed).toEqual([[1], [2, 3]]);
  batches.add(4);
  vi.advanceTimersByTime(1_000);
  expect(passed).toEqual([[1], [2, 3], [4]]);
  vi.advanceTimersByTime(1_000);
  batches.add(5);
  expect(passed.at(-1)).toEqual([5]);
});

test("stopped batches drop the items that wait", () => {
  const passed: number[][] = [];
  const batches = new Batches<number>((items) => passed.push(items));
  for (const item of [1, 2]) batches.add(item);
  batches.stop();
  vi.advanceTimersByTime(1_000);
  expect(passed).toEqual([[1]]);
});
