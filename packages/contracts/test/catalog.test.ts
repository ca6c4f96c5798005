import { expect, expectTypeOf, test } from "vitest";
import { catalog, eventTypes, isEventType, SessionDetail, SessionStatus, sessionStatusOf } from "../src/index.ts";

test("every event has a timestamp, and data that ignores fields it does not know", () => {
  for (const type of eventTypes) {
    expect(Object.keys(catalog[type].data.shape)).toContain("timestamp");
    expect(catalog[type].data.def.catchall).toBeUndefined();
  }
});

test("names inherited from Object are no event types", () => {
  expect(["new_message", "toString", "constructor", "__proto__"].map(isEventType)).toEqual([true, false, false, false]);
});

test("every detail of a session stands for one of the four states that pages know", () => {
  for (const detail of SessionDetail.options) expect(SessionStatus.options).toContain(sessionStatusOf(detail));
  expectTypeOf(sessionStatusOf).returns.toEqualTypeOf<SessionStatus>();
});
