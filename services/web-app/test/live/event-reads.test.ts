import type { DurableFrame } from "@syszap/client";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { historyReads, inboxCountReads, statisticsReads } from "../../src/live/counted-reads.ts";
import { queryKeys } from "../../src/live/query-client.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const frameOf = (type: string, data: object = {}) => ({ type, data }) as DurableFrame;

/** Counts on a server that change with each event. While `isSlow`, its answers wait until the test sends them. */
function setUp({ isSlow = false } = {}) {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const server = { unread: 0, reads: 0, answers: [] as (() => void)[], isSlow };
  const observer = new QueryObserver(cache, {
    queryKey: queryKeys.inboxCounts,
    queryFn: async ({ signal }) => {
      server.reads += 1;
      const { unread } = server;
      if (server.isSlow) await new Promise<void>((resolve) => server.answers.push(resolve));
      signal.throwIfAborted();
      return unread;
    },
  });
  const unsubscribe = observer.subscribe(() => undefined);
  const reads = inboxCountReads(cache);
  return {
    server,
    change: () => {
      server.unread += 1;
      reads.onFrame(frameOf("chat_update"));
    },
    other: () => reads.onFrame(frameOf("message_status")),
    shown: () => cache.getQueryData(queryKeys.inboxCounts),
    stop: () => {
      reads.stop();
      unsubscribe();
    },
  };
}

test("reads the counts at most once a second while events arrive, and once more after the last one", async () => {
  const { server, change, shown, stop } = setUp();
  await vi.advanceTimersByTimeAsync(0);
  for (let index = 0; index < 500; index += 1) {
    change();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(server.reads).toBeLessThanOrEqual(7);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toBe(500);
  const { reads } = server;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.reads).toBe(reads);
  stop();
});

test("does not use an answer from before the last event, and reads one at a time", async () => {
  const { server, change, shown, stop } = setUp({ isSlow: true });
  await vi.advanceTimersByTimeAsync(0);
  change();
  await vi.advanceTimersByTimeAsync(1_000);
  change();
  await vi.advanceTimersByTimeAsync(5_000);
  // The first read began before both events and was cancelled; the second one has no answer yet.
  expect(server.reads).toBe(2);
  server.isSlow = false;
  for (const answer of server.answers) answer();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toBe(2);
  stop();
});

test("reads the statistics less often while the server is slow", async () => {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const answerMs = 1_000;
  let count = 0;
  const queryFn = async () => {
    count += 1;
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    return { today: { startsAt: "" } };
  };
  const unsubscribe = new QueryObserver(cache, { queryKey: queryKeys.statistics, queryFn }).subscribe(() => undefined);
  const reads = statisticsReads(cache);
  for (let second = 0; second < 100; second += 1) {
    reads.onFrame(frameOf("new_message"));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(count).toBeGreaterThan(5);
  expect(count).toBeLessThanOrEqual(12);
  reads.stop();
  unsubscribe();
});

test("reads nothing after events that change no count", async () => {
  const { server, other, stop } = setUp();
  await vi.advanceTimersByTimeAsync(0);
  other();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.reads).toBe(1);
  stop();
});

test("reads the statistics again after messages, and their history only after messages from before today", async () => {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const reads = { now: 0, history: 0 };
  const today = { startsAt: "2026-01-02T03:00:00.000Z" };
  const unsubscribes = [
    new QueryObserver(cache, { queryKey: queryKeys.statistics, queryFn: () => ({ read: ++reads.now, today }) }),
    new QueryObserver(cache, { queryKey: queryKeys.statisticsHistory, queryFn: () => ++reads.history }),
  ].map((observer) => observer.subscribe(() => undefined));
  const counted = [statisticsReads(cache), historyReads(cache)];
  const receive = async (timestamp: string) => {
    for (const each of counted) each.onFrame(frameOf("new_message", { timestamp }));
    await vi.advanceTimersByTimeAsync(60_000);
  };
  await vi.advanceTimersByTimeAsync(0);
  expect(reads).toEqual({ now: 1, history: 1 });
  await receive("2026-01-02T03:00:00.000Z");
  expect(reads).toEqual({ now: 2, history: 1 });
  await receive("2026-01-02T02:59:59.000Z");
  expect(reads).toEqual({ now: 3, history: 2 });
  for (const each of counted) each.stop();
  for (const unsubscribe of unsubscribes) unsubscribe();
});
