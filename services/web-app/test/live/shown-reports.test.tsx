import { createRealtimeClient, type DurableFrame, type RealtimeClient } from "@syszap/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallBatches } from "../../src/live/call-batches.ts";
import { deliverInBatches } from "../../src/live/deliver-in-batches.ts";
import { ShownReports } from "../../src/live/shown-reports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const minuteMs = 60_000;

/** A client whose events and notices the test creates, as the page sets it up. */
function reportingClient() {
  const client = createRealtimeClient({ url: "/ws", getTicket: () => new Promise(() => undefined) });
  const arrivals: ((frame: DurableFrame) => void)[] = [];
  let refuse: () => void = () => undefined;
  client.onDurable = (listener) => {
    arrivals.push(listener);
    return () => undefined;
  };
  client.on = ((type: string, listener: (data: { code: string }) => void) => {
    if (type === "error") refuse = () => listener({ code: "unknown_frame" });
    return () => undefined;
  }) as RealtimeClient["on"];
  const sent: unknown[] = [];
  client.send = ((type, data) => sent.push([type, data]) > 0) as RealtimeClient["send"];
  const reports = new ShownReports(client);
  reports.start(deliverInBatches(client, new CallBatches()));
  const event = () => {
    const frame = { type: "chat_update" } as DurableFrame;
    for (const listener of arrivals) listener(frame);
  };
  return { event, sent, refuse: () => refuse() };
}

test("reports one event per minute, from its arrival until the frame in which it was applied was painted", () => {
  const { event, sent } = reportingClient();
  vi.advanceTimersByTime(minuteMs);
  event();
  event();
  expect(sent).toEqual([]);
  vi.advanceTimersToNextFrame(); // applies the events
  expect(sent).toEqual([]);
  vi.advanceTimersToNextFrame();
  expect(sent).toEqual([["shown", { afterMs: expect.any(Number) }]]);
  const [[, { afterMs }]] = sent as [[string, { afterMs: number }]];
  expect(afterMs).toBeGreaterThan(16);
  expect(afterMs).toBeLessThanOrEqual(34);

  event();
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(minuteMs);
  event();
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(2);
});

test("reports nothing while the page is hidden, and nothing more to a gateway that does not know the frame", () => {
  const { event, sent, refuse } = reportingClient();
  const hidden = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  vi.advanceTimersByTime(minuteMs);
  event();
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual([]);
  hidden.mockReturnValue("visible");
  event();
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
  refuse();
  vi.advanceTimersByTime(2 * minuteMs);
  event();
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
});
