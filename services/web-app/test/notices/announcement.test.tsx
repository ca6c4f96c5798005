import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useAnnouncement } from "../../src/components/notices/use-announcement.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a storm of messages is announced in a few sentences, and a single message at once", () => {
  const spoken: string[] = [];
  const { result } = renderHook(() => {
    const hook = useAnnouncement<number>((items) =>
      items.length > 1 ? `${items.length} messages` : `message ${items[0]}`,
    );
    if (hook.announcement !== spoken.at(-1)) spoken.push(hook.announcement);
    return hook;
  });
  act(() => result.current.add(1));
  expect(spoken.at(-1)).toBe("message 1");
  for (let second = 0; second < 60; second += 1)
    act(() => {
      for (let item = 0; item < 100; item += 1) result.current.add(item);
      vi.advanceTimersByTime(1_000);
    });
  expect(spoken.length).toBeLessThanOrEqual(10);
  act(() => void vi.advanceTimersByTime(20_000));
  act(() => result.current.add(7));
  expect(spoken.at(-1)).toBe("message 7");
});
