import { expect, test } from "vitest";
import { compareEvents, type EventRecords } from "../src/session-kills/ledger/compare-events.ts";

const logged = [1, 2, 3].map((position) => ({ position, id: `event ${position}`, type: "new_message" as const }));
const received = logged.map((event) => ({ ...event, data: { Id: `message ${event.position}` } }));
const [first, second, third] = received;
if (!first || !second || !third) throw new Error("Three events are needed.");
const messages = ["message 1", "message 2", "message 3"];
/** Records that agree, except for `more`. */
const compare = (more: Partial<EventRecords> = {}) =>
  compareEvents({ received, logged, inRedis: logged, messages, ...more });

test("reports no difference between records that agree", () => {
  expect(compare()).toEqual([]);
});

test("allows events that Redis no longer has, and ignores those about the reach of one user", () => {
  expect(compare({ inRedis: [second, third, { id: "another", type: "chat_gone" }] })).toEqual([]);
});

test("reports a skipped event", () => {
  expect(compare({ received: [first, third] })).toEqual([
    "consumer missed: 2 (new_message event 2)",
    "consumer differs from browsers: only browsers received new_message event 2",
    "consumer has messages wrongly: message message 2 came 0 times",
  ]);
});

test("reports an event that browsers received and the log lacks", () => {
  expect(compare({ inRedis: [...logged, { id: "event 4", type: "chat_update" }] })).toEqual([
    "consumer differs from browsers: only browsers received chat_update event 4",
  ]);
});

test("reports an event at two positions", () => {
  const again = { ...third, position: 4 };
  expect(compare({ received: [...received, again], logged: [...logged, again] })).toEqual([
    "consumer received twice: 4 (new_message event 3)",
    "consumer has messages wrongly: message message 3 came 2 times",
  ]);
});

test("reports an event that is not in the log", () => {
  expect(compare({ logged: [first, second] })).toEqual(["consumer received wrongly: 3 (new_message event 3)"]);
});

test("reports another order than that of the browsers", () => {
  expect(compare({ inRedis: [second, first, third] })).toEqual([
    "consumer differs from browsers: 1 (new_message event 1) is at the position of new_message event 2",
  ]);
});
