import { expect, test } from "vitest";
import { LatencyRecorder, latencyOf } from "../src/presence/latency.ts";

const minuteMs = 60_000;
const now = 1_800_000_000_000;

test("sums the latencies of all gateways, with quantiles that are at most a tenth too high", () => {
  const [fast, slow] = [new LatencyRecorder(), new LatencyRecorder()];
  for (let index = 0; index < 98; index += 1) fast.record(10, now);
  for (const ms of [2_000, 1_000_000]) slow.record(ms, now);
  const snapshots = [fast, slow].flatMap((recorder) => recorder.takeChanged() ?? []);
  const { events, p50Ms = 0, p99Ms = 0 } = latencyOf(snapshots, now) ?? {};
  expect(events).toBe(100);
  expect(p50Ms).toBeGreaterThanOrEqual(10);
  expect(p50Ms).toBeLessThanOrEqual(11);
  expect(p99Ms).toBeGreaterThanOrEqual(2_000);
  expect(p99Ms).toBeLessThanOrEqual(2_200);
});

test("forgets events after ten minutes and reports each change once", () => {
  const recorder = new LatencyRecorder();
  recorder.record(5, now);
  const first = recorder.takeChanged();
  expect(recorder.takeChanged()).toBeUndefined();
  recorder.record(-3, now + 6 * minuteMs);
  const both = recorder.takeChanged();
  expect(latencyOf(both ? [both] : [], now + 6 * minuteMs)).toMatchObject({ events: 2 });
  recorder.record(5, now + 16 * minuteMs);
  const last = recorder.takeChanged();
  expect(latencyOf(last ? [last] : [], now + 16 * minuteMs)).toMatchObject({ events: 1 });
  expect(latencyOf(first ? [first] : [], now + 11 * minuteMs)).toBeUndefined();
});
