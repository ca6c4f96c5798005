import { createLogger } from "@syszap/platform";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Login } from "../../../../src/engines/wppconnect/login/login.ts";
import type { PageReading } from "../../../../src/engines/wppconnect/page/account.ts";

const main: PageReading = {
  isRegistered: true,
  mode: "MAIN",
  info: "NORMAL",
  socket: "CONNECTED",
  isOnline: true,
  alert: null,
  showsPasskey: false,
  phoneNumber: "5511999990000",
  lid: null,
  isListening: true,
  isHooked: true,
};

const code: PageReading = { ...main, isRegistered: false, mode: "QR", phoneNumber: null };

/** A page whose readings the test sets, with fake timers. */
class ScriptedPage {
  answer: PageReading | null | Error = null;
  hooks = 0;
  reloads = 0;
  readonly states: string[] = [];
  readonly statesWithReason: string[] = [];
  readonly codes: number[] = [];
  readonly missedSince: number[] = [];
  readonly failures: string[] = [];
  readonly login = new Login({
    listener: {
      state: (detail, { reason = "" } = {}) => {
        this.states.push(detail);
        this.statesWithReason.push(`${detail} ${reason}`.trim());
      },
      qr: ({ attempt }) => this.codes.push(attempt),
      pairingCode: () => undefined,
      pairingRefused: () => undefined,
      fact: () => undefined,
      unknownPayload: () => undefined,
      missed: (sinceMs) => this.missedSince.push(sinceMs),
      typing: () => undefined,
    },
    log: createLogger({ service: "test", level: "silent" }),
    read: async () => {
      if (this.answer instanceof Error) throw this.answer;
      return this.answer;
    },
    installHooks: async () => {
      this.hooks += 1;
      if (this.answer && !(this.answer instanceof Error)) this.answer.isHooked = true;
    },
    reload: async () => {
      this.reloads += 1;
    },
    connected: async () => undefined,
    fail: (reason) => this.failures.push(reason),
  });

  async shows(answer: PageReading | null | Error, forMs = 3_000): Promise<void> {
    this.answer = answer;
    await vi.advanceTimersByTimeAsync(forMs);
  }
}

describe("the login", () => {
  let page: ScriptedPage;
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    page = new ScriptedPage();
    page.login.start();
  });
  afterEach(() => {
    page.login.stop();
    vi.useRealTimers();
  });

  test("emits each state once, however often it reads the same", async () => {
    await page.shows(code);
    page.login.qr("2@first");
    await page.shows({ ...main, mode: "SYNCING" });
    await page.shows(main, 10_000);
    expect(page.states).toEqual(["qr", "syncing", "connected"]);
  });

  test("keeps reporting a demanded passkey when the page shows codes again, until the phone is linked", async () => {
    await page.shows(code);
    page.login.qr("2@first");
    await page.shows({ ...code, showsPasskey: true });
    page.login.qr("2@second");
    await page.shows(code, 300_000);
    expect(page.codes).toEqual([1]);
    expect([page.reloads, page.failures]).toEqual([0, []]);
    expect(page.statesWithReason).toEqual(["qr", "action_required passkey_required"]);
    await page.shows(main);
    expect(page.states.at(-1)).toBe("connected");
  });

  test("installs the hooks after each load of the page, and reports messages as missed since the last reading", async () => {
    await page.shows({ ...main, isHooked: false }, 5_000);
    const lastReadMs = Date.now();
    expect(page.hooks).toBe(1);
    await page.shows(null, 4_000);
    await page.shows({ ...main, isHooked: false });
    expect(page.hooks).toBe(2);
    expect(page.missedSince).toHaveLength(2);
    expect(page.missedSince.at(-1)).toBeLessThanOrEqual(lastReadMs);
  });

  test("reloads a page that does not answer, then fails, but tolerates a page that navigates", async () => {
    await page.shows(main);
    await page.shows(new Error("Execution context was destroyed"), 2_000);
    await page.shows(main);
    expect([page.reloads, page.failures]).toEqual([0, []]);
    await page.shows(new Error("a call to WhatsApp's page took longer than 5000 ms"), 4_000);
    expect([page.reloads, page.failures]).toEqual([1, []]);
    await page.shows(main);
    expect(page.failures).toEqual([]);
    await page.shows(new Error("a call to WhatsApp's page took longer than 5000 ms"), 8_000);
    expect(page.reloads).toBe(2);
    expect(page.failures[0]).toBe("page_silent");
  });

  test("reloads a page that never becomes ready, then fails", async () => {
    await page.shows(null, 40_000);
    expect([page.reloads, page.failures]).toEqual([0, []]);
    await page.shows(null, 40_000);
    expect([page.reloads, page.failures]).toEqual([1, []]);
    await page.shows(null, 40_000);
    expect([page.reloads, page.failures[0]]).toEqual([1, "page_not_ready"]);
  });

  test("ignores a single reading without registration between two pages", async () => {
    await page.shows(main);
    await page.shows(code, 1_000);
    await page.shows(main);
    expect(page.states).toEqual(["connected"]);
    await page.shows(code);
    page.login.qr("2@never shown");
    expect(page.states).toEqual(["connected", "logged_out"]);
    expect(page.codes).toEqual([]);
  });

  test("starts the timeout again after a reloaded page became ready", async () => {
    await page.shows(null, 60_000);
    await page.shows(main);
    await page.shows(null, 60_000);
    expect([page.reloads, page.failures]).toEqual([2, []]);
  });

  test("reloads a page whose sync never ends, then fails", async () => {
    const syncing = { ...main, mode: "SYNCING" };
    await page.shows(syncing, 290_000);
    expect([page.reloads, page.failures]).toEqual([0, []]);
    await page.shows(syncing, 290_000);
    expect([page.reloads, page.failures]).toEqual([1, []]);
    await page.shows(syncing, 60_000);
    expect([page.reloads, page.failures[0]]).toEqual([1, "sync_stuck"]);
  });

  test("reloads a page that shows neither a code nor a linked phone, then fails", async () => {
    await page.shows(code, 60_000);
    expect([page.reloads, page.failures]).toEqual([1, []]);
    await page.shows(code, 60_000);
    expect(page.failures[0]).toBe("page_not_ready");
  });

  test.each([
    ["the network", { isOnline: false }, "network_lost"],
    ["the network, by the page's warning", { alert: "computer" }, "network_lost"],
    ["the phone", { socket: "TIMEOUT" }, "phone_offline"],
    ["the phone, by the page's warning", { alert: "phone" }, "phone_offline"],
  ] as const)("does not reload a page that waits for %s", async (_what, loss, reason) => {
    await page.shows(main);
    await page.shows({ ...main, ...loss }, 3_600_000);
    expect([page.reloads, page.failures]).toEqual([0, []]);
    await page.shows({ ...main, mode: "SYNCING", info: "PAIRING" }); // reconnecting keeps its reason
    await page.shows(main);
    expect(page.statesWithReason.slice(-2)).toEqual([`reconnecting ${reason}`, "connected"]);
  });

  test("withdraws the QR code while WhatsApp can't be reached, and emits it again if it is still valid", async () => {
    await page.shows(code);
    page.login.qr("2@first");
    await page.shows({ ...code, isOnline: false });
    await page.shows(code);
    expect(page.statesWithReason).toEqual(["qr", "reconnecting network_lost", "qr"]);
    expect(page.codes).toEqual([1, 1]);
    await page.shows({ ...code, isOnline: false }, 61_000);
    await page.shows(code);
    expect(page.codes).toEqual([1, 1]);
    page.login.qr("2@second");
    expect(page.codes).toEqual([1, 1, 2]);
  });
});
