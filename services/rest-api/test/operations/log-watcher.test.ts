import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { LogWatcher } from "../../src/consumers/log-watcher.ts";

const minuteMs = 60_000;

function openWatcher() {
  const heads = new Map<string, number>();
  const asked: string[][] = [];
  const watcher = new LogWatcher(
    async (companyIds) => {
      asked.push([...companyIds]);
      return heads;
    },
    { warn: () => undefined },
  );
  watcher.start();
  onTestFinished(() => watcher.stop());
  return { heads, asked, watcher };
}

test("wakes only the requests of companies with new events, with one query for all", async () => {
  const { heads, asked, watcher } = openWatcher();
  const [busy, quiet] = [randomUUID(), randomUUID()];
  const gone = new AbortController();
  const wait = (companyId: string) => watcher.wait(companyId, 5, { timeoutMs: minuteMs, signal: gone.signal });
  const waiting = [wait(busy), wait(busy), wait(quiet)];
  heads.set(busy, 6).set(quiet, 5);
  expect(await Promise.all(waiting.slice(0, 2))).toEqual([true, true]);
  expect(asked[0]).toEqual([busy, quiet]);
  gone.abort();
  expect(await waiting[2]).toBe(false);
});

test("a request ends at its deadline, when its client is gone, and when the service stops", async () => {
  const { watcher } = openWatcher();
  const company = randomUUID();
  const gone = new AbortController();
  const never = new AbortController().signal;
  expect(await watcher.wait(company, 0, { timeoutMs: 1, signal: never })).toBe(false);
  const aborted = watcher.wait(company, 0, { timeoutMs: minuteMs, signal: gone.signal });
  gone.abort();
  expect(await aborted).toBe(false);
  const stopped = watcher.wait(company, 0, { timeoutMs: minuteMs, signal: never });
  await watcher.stop();
  expect(await stopped).toBe(false);
  expect(await watcher.wait(company, 0, { timeoutMs: minuteMs, signal: never })).toBe(false);
});
