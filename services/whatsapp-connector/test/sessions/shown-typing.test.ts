import type { TypingState } from "@syszap/contracts";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engines/contract/engine.ts";
import { ShownTyping } from "../../src/session/shown-typing.ts";

/** An engine that only supports `setTyping`; calls can be held. */
function typingEngine() {
  const calls: [string, TypingState][] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  const setTyping = (waChatId: string, state: TypingState) => {
    calls.push([waChatId, state]);
    return isHolding ? new Promise<void>((resolve) => held.push(resolve)) : Promise.resolve();
  };
  return {
    engine: { setTyping } as Engine,
    calls,
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const go of held.splice(0)) go();
    },
  };
}

test("does not repeat a state within its validity, and sends no end without a beginning", async () => {
  const { engine, calls } = typingEngine();
  const typing = new ShownTyping();
  await typing.show(engine, "ana", "paused");
  for (let times = 0; times < 5; times++) await typing.show(engine, "ana", "composing");
  await typing.show(engine, "ana", "paused");
  expect(calls).toEqual([
    ["ana", "composing"],
    ["ana", "paused"],
  ]);
});

test("sends only the newest state after a slow call", async () => {
  const { engine, calls, hold, release } = typingEngine();
  const typing = new ShownTyping();
  hold();
  const first = typing.show(engine, "ana", "composing");
  for (const state of ["paused", "recording", "paused", "recording"] as const) await typing.show(engine, "ana", state);
  expect(calls).toEqual([["ana", "composing"]]);
  release();
  await first;
  expect(calls.slice(1)).toEqual([["ana", "recording"]]);
});

test("drops calls above the rate limit, over all chats", async () => {
  const { engine, calls } = typingEngine();
  const typing = new ShownTyping();
  await Promise.all(Array.from({ length: 100 }, (_, chat) => typing.show(engine, `chat ${chat}`, "composing")));
  expect(calls).toHaveLength(20);
});

test("shows the next state after the engine has refused one", async () => {
  const typing = new ShownTyping();
  const refusing = { setTyping: () => Promise.reject(new Error("not connected")) } as unknown as Engine;
  await expect(typing.show(refusing, "ana", "composing")).rejects.toThrow("not connected");
  const { engine, calls } = typingEngine();
  await typing.show(engine, "ana", "paused");
  expect(calls).toEqual([["ana", "paused"]]);
});
