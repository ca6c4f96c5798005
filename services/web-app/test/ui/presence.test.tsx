import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setPreference } from "../../src/notices/preferences.ts";
import { answerPresenceChecks } from "../../src/notices/presence.ts";
import { websocketService } from "../../src/page/websocket-service.ts";

const checkId = "0d9c8b7a-6958-4746-9352-4130f1e2d3c4";
const minuteMs = 60_000;
let end: () => void = () => undefined;
let visibility: DocumentVisibilityState = "visible";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  visibility = "visible";
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Asks as the gateway does, and returns the frames with which the page answers. */
function listening() {
  const on = vi.spyOn(websocketService, "on");
  const send = vi.spyOn(websocketService, "send").mockReturnValue(true);
  end = answerPresenceChecks();
  const listener = on.mock.calls.find(([type]) => type === "presence_check")?.[1] as (data: object) => void;
  dispatchEvent(new Event("keydown"));
  return () => {
    send.mockClear();
    listener({ Check_Id: checkId });
    return send.mock.calls;
  };
}

test("a visible page that somebody used within ten minutes takes messages", () => {
  const answers = listening();
  expect(answers()).toEqual([["present", { checkId }]]);
  vi.setSystemTime(Date.now() + 11 * minuteMs);
  expect(answers()).toEqual([]);
  dispatchEvent(new Event("pointermove"));
  expect(answers()).toHaveLength(1);
});

test("a hidden page takes messages only if it shows desktop notices", () => {
  const answers = listening();
  vi.stubGlobal("Notification", { permission: "granted" });
  visibility = "hidden";
  setPreference("desktop", false);
  expect(answers()).toEqual([]);
  setPreference("desktop", true);
  expect(answers()).toHaveLength(1);
  setPreference("desktop", false);
});
