import { createLogger } from "@syszap/platform";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Login } from "../src/engines/wppconnect/login.ts";
import type { PageReading } from "../src/engines/wppconnect/page-side.ts";

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
  readonly codes: number[] = [];
  readonly fetchedSince: number[] = [];
  readonly broken: string[] = [];
  readonly login = new Login({
    listener: {
      state: (detail) => this.states.push(detail),
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
});
