import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRenderScheduler } from "../../src/live/render-scheduler.ts";
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

test("callbacks run at the end of their task, and under load together after an interval", async () => {
  const schedule = createRenderScheduler();
  let ran = 0;
  const runs: number[] = [];
  const add = () => schedule(() => (ran += 1));
  add();
  expect(ran).toBe(0);
  for (let task = 1; task <= 50; task += 1) {
    await Promise.resolve();
    runs.push(ran);
    add();
  }
  expect(runs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  add();
  await Promise.resolve();
  expect(ran).toBe(50);
  vi.advanceTimersByTime(50);
  expect(ran).toBe(52);
});
