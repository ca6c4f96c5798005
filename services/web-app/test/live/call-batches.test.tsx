import { createRealtimeClient, type RealtimeClient } from "@syszap/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallBatches } from "../../src/live/call-batches.ts";
import { deliverInBatches } from "../../src/live/deliver-in-batches.ts";
import { aMessage, stored } from "../support/builders.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const hide = () => vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");

function recordingBatches() {
  const batches: number[][] = [];
  let current: number[] = [];
  const calls = new CallBatches((run) => {
    current = [];
    run();
    batches.push(current);
  });
  return { calls, batches, add: (number: number) => calls.add(() => void current.push(number)) };
}

test("calls of one animation frame run together and in order", () => {
  const { add, batches } = recordingBatches();
  for (const number of [1, 2, 3]) add(number);
  expect(batches).toEqual([]);
  vi.advanceTimersToNextFrame();
  add(4);
  vi.advanceTimersToNextFrame();
  expect(batches).toEqual([[1, 2, 3], [4]]);
});

test("under load, calls run at most once per 50 ms", () => {
  const { add, batches } = recordingBatches();
  for (let number = 0; number < 3_000; number += 1) {
    add(number);
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(1_000);
  // 50 at once, 20 a second, and one at the end.
  expect(batches.length).toBeGreaterThan(90);
  expect(batches.length).toBeLessThan(115);
  expect(batches.flat()).toEqual(Array.from({ length: 3_000 }, (_, number) => number));
});

test("a hidden page, which gets no animation frames, runs calls by a timer, and all of them when it is shown", () => {
  const { add, batches } = recordingBatches();
  const visibility = hide();
  const request = vi.spyOn(globalThis, "requestAnimationFrame");
  add(1);
  vi.advanceTimersByTime(250);
  expect(batches).toEqual([[1]]);
  add(2);
  visibility.mockRestore();
  document.dispatchEvent(new Event("visibilitychange"));
  expect(batches).toEqual([[1], [2]]);
  expect(request).not.toHaveBeenCalled();
});

test("a page whose timers are delayed keeps at most 500 calls", () => {
  const { add, batches } = recordingBatches();
  hide();
  for (let number = 0; number < 1_100; number += 1) add(number);
  expect(batches.map(({ length }) => length)).toEqual([500, 500]);
});

test("an error of one call does not prevent the next one", () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const { calls, add, batches } = recordingBatches();
  calls.add(() => {
    throw new Error("broken listener");
  });
  add(1);
  calls.flush();
  expect(batches).toEqual([[1]]);
  expect(reported).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

/** A client whose events the test emits, with its log of calls. */
function batchedClient() {
  const listeners = new Map<string, (data: never, frame: never) => void>();
  const raw = createRealtimeClient({ url: "ws://127.0.0.1:1/ws", getTicket: () => new Promise(() => undefined) });
  const add = (type: string, listener: (data: never, frame: never) => void) => {
    listeners.set(type, listener);
    return () => listeners.delete(type);
  };
  Object.assign(raw, { on: add, onDurable: (listener: () => void) => add("durable", listener) });
  Object.assign(raw, { snapshot: async (fetch: () => Promise<unknown>) => fetch() });
  const batches = new CallBatches();
  const client: RealtimeClient = deliverInBatches(raw, batches);
  const emit = (type: string, data: object) => listeners.get(type)?.(data as never, undefined as never);
  return { client, emit, batches };
}

test("listeners are called in the order of the events, and a notice after all events before it", () => {
  const { client, emit } = batchedClient();
  const log: string[] = [];
  client.onDurable((frame) => log.push(`durable ${frame.data.timestamp}`));
  client.on("typing", ({ State }) => log.push(State));
  client.on("resync", ({ reason }) => log.push(reason));
  const message = aMessage();
  emit("durable", stored(message));
  emit("typing", { State: "composing" });
  expect(log).toEqual([]);
  emit("resync", { reason: "test" });
  expect(log).toEqual([`durable ${message.timestamp}`, "composing", "test"]);
});

test("a snapshot is stored after the events that arrived while it was read", async () => {
  const { client, emit } = batchedClient();
  const log: string[] = [];
  client.on("typing", ({ State }) => log.push(State));
  const read = client.snapshot(
    async () => {
      emit("typing", { State: "composing" });
      return "snapshot";
    },
    (value) => value,
  );
  log.push(await read);
  expect(log).toEqual(["composing", "snapshot"]);
});

test("a removed listener gets no event that was waiting for it", () => {
  const { client, emit, batches } = batchedClient();
  const log: string[] = [];
  const listener = ({ State }: { State: string }) => void log.push(State);
  client.on("typing", listener);
  const stop = client.onDurable(() => log.push("durable"));
  emit("typing", { State: "composing" });
  emit("durable", stored(aMessage()));
  client.off("typing", listener);
  stop();
  batches.flush();
  expect(log).toEqual([]);
});
