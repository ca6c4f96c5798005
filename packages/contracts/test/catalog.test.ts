import { expect, expectTypeOf, test } from "vitest";
import {
  catalog,
  type DurableType,
  type EphemeralType,
  eventTypes,
  isEventType,
  SessionDetail,
  SessionStatus,
  sessionStatusOf,
} from "../src/index.ts";

/** As the types say; the compiler refuses this table when a type is missing or in the wrong half. */
const isDurable: { [Type in DurableType]: true } & { [Type in EphemeralType]: false } = {
  session_status: true,
  new_message: true,
  new_client: true,
  client_update: true,
  message_status: true,
  message_update: true,
  chat_update: true,
  qr_code: false,
  pairing_code: false,
  typing: false,
  announcement: false,
  session_pacing: false,
  live_stats: false,
  webhook_disabled: false,
};

test("the catalog's durable flags agree with the types that publishers are held to", () => {
  expect(Object.fromEntries(eventTypes.map((type) => [type, catalog[type].durable]))).toEqual(isDurable);
});

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
