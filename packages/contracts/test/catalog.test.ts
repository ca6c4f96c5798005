import { expect, expectTypeOf, test } from "vitest";
import { catalog, eventTypes, isEventType, SessionDetail, SessionStatus, sessionStatusOf } from "../src/index.ts";

test("every event has a timestamp and accepts unknown fields", () => {
  for (const type of eventTypes) {
    expect(Object.keys(catalog[type].data.shape)).toContain("timestamp");
    expect(catalog[type].data.def.catchall).toBeUndefined();
  }
});

test("does not accept names inherited from Object as event types", () => {
  expect(["new_message", "toString", "constructor", "__proto__"].map(isEventType)).toEqual([true, false, false, false]);
});

test("maps every session detail to one of the four session statuses", () => {
  for (const detail of SessionDetail.options) expect(SessionStatus.options).toContain(sessionStatusOf(detail));
  expectTypeOf(sessionStatusOf).returns.toEqualTypeOf<SessionStatus>();
});
