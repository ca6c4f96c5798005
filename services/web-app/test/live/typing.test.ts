import { typingTimeoutMs } from "@syszap/contracts/constants";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clientAmong, colleaguesAmong, TypingStates } from "../../src/live/typing.ts";
import { at, newId } from "../support/builders.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const chatId = newId();
const [ana, bruno] = [newId(), newId()];

function typing() {
  const states = new TypingStates();
  const report = (State: "composing" | "recording" | "paused", User_Id?: string) =>
    states.onTyping({
      Chat_Id: chatId,
      State,
      From: User_Id === undefined ? "client" : "colleague",
      ...(User_Id !== undefined && { User_Id }),
      timestamp: at(0),
    });
  const shown = () => {
    const typists = states.store.get().get(chatId) ?? [];
    return { client: clientAmong(typists)?.state, colleagues: colleaguesAmong(typists) };
  };
  return { states, report, shown };
}

test("the client and each colleague type independently of each other", () => {
  const { states, report, shown } = typing();
  report("recording");
  report("composing", ana);
  report("composing", bruno);
  expect(shown()).toEqual({ client: "recording", colleagues: [ana, bruno] });
  report("paused", ana);
  expect(shown()).toEqual({ client: "recording", colleagues: [bruno] });
  states.end(chatId, undefined);
  expect(shown()).toEqual({ client: undefined, colleagues: [bruno] });
});

test("a state ends by itself unless it is repeated", () => {
  const { states, report, shown } = typing();
  report("composing", ana);
  report("composing", bruno);
  vi.advanceTimersByTime(typingTimeoutMs - 1);
  report("composing", ana);
  vi.advanceTimersByTime(1);
  expect(shown().colleagues).toEqual([ana]);
  vi.advanceTimersByTime(typingTimeoutMs);
  expect(states.store.get().size).toBe(0);
});
