import { createLogger } from "@syszap/platform";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Login } from "../../../src/engines/wppconnect/login/login.ts";
import type { PageReading } from "../../../src/engines/wppconnect/page/account.ts";

const main: PageReading = {
  ...{ isRegistered: true, mode: "MAIN", info: "NORMAL", socket: "CONNECTED", isOnline: true, alert: null },
  ...{ phoneNumber: "5511999990000", isListening: true, isHooked: true },
};
const code: PageReading = { ...main, isRegistered: false, mode: "QR", phoneNumber: null };

/** A page whose answers the test sets, on a clock that the test moves. */
class PagePlay {
  answer: PageReading | null | Error = null;
  hooks = 0;
  reloads = 0;
  readonly states: string[] = [];
  readonly told: string[] = [];
  readonly codes: number[] = [];
  readonly fetchedSince: number[] = [];
  readonly broken: string[] = [];
  readonly login = new Login({
    listener: {
      state: (detail, { reason = "" } = {}) => {
        this.states.push(detail);
        this.told.push(`${detail} ${reason}`.trim());
      },
      qr: ({ attempt }) => this.codes.push(attempt),
      pairingCode: () => undefined,
      pairingRefused: () => undefined,
      fact: () => undefined,
      unknownPayload: () => undefined,
      typing: () => undefined,
    },
    log: createLogger({ service: "test", level: "silent" }),
    read: async () => {
      if (this.answer instanceof Error) throw this.answer;
      return this.answer;
    },
    hook: async () => {
      this.hooks += 1;
      if (this.answer && !(this.answer instanceof Error)) this.answer.isHooked = true;
    },
    reload: async () => {
      this.reloads += 1;
    },
    connected: async () => undefined,
    fetchSince: async (timestampMs) => {
      this.fetchedSince.push(timestampMs);
    },
    broken: (reason) => this.broken.push(reason),
  });

  async shows(answer: PageReading | null | Error, forMs = 3_000): Promise<void> {
    this.answer = answer;
    await vi.advanceTimersByTimeAsync(forMs);
  }
}

describe("the watch over the page", () => {
  let page: PagePlay;
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    page = new PagePlay();
    page.login.start();
  });
  afterEach(() => {
    page.login.stop();
    vi.useRealTimers();
  });

  test("tells each state once, however often it reads the same", async () => {
    await page.shows(code);
    page.login.qr("2@first");
    await page.shows({ ...main, mode: "SYNCING" });
    await page.shows(main, 10_000);
    expect(page.states).toEqual(["qr", "syncing", "connected"]);
  });

  test("attaches the hooks again after each load of the page, and fetches what came while nobody listened", async () => {
    await page.shows({ ...main, isHooked: false }, 5_000);
    const lastHeardMs = Date.now();
    expect(page.hooks).toBe(1);
    await page.shows(null, 4_000);
    await page.shows({ ...main, isHooked: false });
    expect(page.hooks).toBe(2);
    expect(page.fetchedSince).toHaveLength(2);
    expect(page.fetchedSince.at(-1)).toBeLessThanOrEqual(lastHeardMs);
  });

  test("a silent page is loaded again once, and broken when it stays silent; one that navigates is neither", async () => {
    await page.shows(main);
    await page.shows(new Error("Execution context was destroyed"), 2_000);
    await page.shows(main);
    expect([page.reloads, page.broken]).toEqual([0, []]);
    await page.shows(new Error("asking WhatsApp's page took longer than 5000 ms"), 4_000);
    expect([page.reloads, page.broken]).toEqual([1, []]);
    await page.shows(main);
    expect(page.broken).toEqual([]);
    await page.shows(new Error("asking WhatsApp's page took longer than 5000 ms"), 8_000);
    expect(page.reloads).toBe(2);
    expect(page.broken[0]).toBe("page_silent");
  });

  test("a page that never becomes ready is loaded again once, and broken after a while", async () => {
    await page.shows(null, 40_000);
    expect([page.reloads, page.broken]).toEqual([0, []]);
    await page.shows(null, 40_000);
    expect([page.reloads, page.broken]).toEqual([1, []]);
    await page.shows(null, 40_000);
    expect([page.reloads, page.broken[0]]).toEqual([1, "page_not_ready"]);
  });

  test("one reading that looks unlinked, between two pages, is not yet the end", async () => {
    await page.shows(main);
    await page.shows(code, 1_000);
    await page.shows(main);
    expect(page.states).toEqual(["connected"]);
    await page.shows(code);
    page.login.qr("2@never shown");
    expect(page.states).toEqual(["connected", "logged_out"]);
    expect(page.codes).toEqual([]);
  });

  test("only the run that saw the code scanned knows what is older than the link", async () => {
    await page.shows(main);
    expect(page.login.isHistory(0)).toBe(false);
    const linking = new PagePlay();
    linking.login.start();
    await linking.shows(code);
    linking.login.qr("2@first");
    await linking.shows(main);
    expect(linking.login.isHistory(Date.now() - 3_600_000)).toBe(true);
    expect(linking.login.isHistory(Date.now())).toBe(false);
    linking.login.stop();
  });

  test("a page that is loaded again is well again once it is ready", async () => {
    await page.shows(null, 60_000);
    await page.shows(main);
    await page.shows(null, 60_000);
    expect([page.reloads, page.broken]).toEqual([2, []]);
  });

  test("a sync that never ends is loaded again after minutes, and given up after as many more", async () => {
    const syncing = { ...main, mode: "SYNCING" };
    await page.shows(syncing, 290_000);
    expect([page.reloads, page.broken]).toEqual([0, []]);
    await page.shows(syncing, 290_000);
    expect([page.reloads, page.broken]).toEqual([1, []]);
    await page.shows(syncing, 60_000);
    expect([page.reloads, page.broken[0]]).toEqual([1, "sync_stuck"]);
  });

  test("a page that shows no code although nothing is linked is loaded again, and given up", async () => {
    await page.shows(code, 60_000);
    expect([page.reloads, page.broken]).toEqual([1, []]);
    await page.shows(code, 60_000);
    expect(page.broken[0]).toBe("page_not_ready");
  });

  test.each([
    ["the network", { isOnline: false }, "network_lost"],
    ["the network, as the page warns", { alert: "computer" }, "network_lost"],
    ["the phone", { socket: "TIMEOUT" }, "phone_offline"],
    ["the phone, as the page warns", { alert: "phone" }, "phone_offline"],
  ] as const)("a page that waits for %s is not ill, however long that takes", async (_what, away, reason) => {
    await page.shows(main);
    await page.shows({ ...main, ...away }, 3_600_000);
    expect([page.reloads, page.broken]).toEqual([0, []]);
    await page.shows({ ...main, mode: "SYNCING", info: "PAIRING" }); // on its way back: still for that reason
    await page.shows(main);
    expect(page.told.slice(-2)).toEqual([`reconnecting ${reason}`, "connected"]);
  });

  test("a code is taken off the screen while WhatsApp can't be reached, and shown again if it is worth something still", async () => {
    await page.shows(code);
    page.login.qr("2@first");
    await page.shows({ ...code, isOnline: false });
    await page.shows(code);
    expect(page.told).toEqual(["qr", "reconnecting network_lost", "qr"]);
    expect(page.codes).toEqual([1, 1]);
    await page.shows({ ...code, isOnline: false }, 61_000);
    await page.shows(code);
    expect(page.codes).toEqual([1, 1]);
    page.login.qr("2@second");
    expect(page.codes).toEqual([1, 1, 2]);
  });
});
