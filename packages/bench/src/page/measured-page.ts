import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type CDPSession, chromium, type Page } from "playwright-core";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import type { SeededProduct } from "./seeded-product.ts";

const profile = { locale: "pt-BR", viewport: { width: 1_280, height: 800 } };
const probeFile = fileURLToPath(new URL("./probe.js", import.meta.url));
const timeoutMs = 180_000;
const [idleWindowMs, maxIdleShare] = [1_000, 0.1];
const bytesPerMb = 1024 ** 2;
const scrollPixelsPerSecond = 3_000;

export type List = "message" | "chat-item";

/** The built page in Chromium, measured with the DevTools protocol. */
export class MeasuredPage {
  private constructor(
    readonly page: Page,
    private readonly devTools: CDPSession,
  ) {}

  /** Signs in and resolves when the list of chats is shown. */
  static async open({ run, login }: SeededProduct, { onEnd }: BenchmarkContext): Promise<MeasuredPage> {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--enable-precise-memory-info"],
    });
    onEnd(() => browser.close());
    const page = await (await browser.newContext(profile)).newPage();
    page.setDefaultTimeout(timeoutMs);
    await page.addInitScript({ path: probeFile });
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(run.url);
    await page.getByTestId("login-email").fill(login.email);
    await page.getByTestId("login-password").fill(login.password);
    await page.getByTestId("login-submit").click();
    await page.locator('[data-testid="connection-state"][data-state="connected"]:visible').first().waitFor();
    await page.getByTestId("chat-item").first().waitFor();
    return new MeasuredPage(page, devTools);
  }

  /** Evaluates an expression in the page, in which `probe` is the object of `probe.js`. */
  ask<Answer>(expression: string): Promise<Answer> {
    return this.page.evaluate(expression);
  }

  /**
   * Loads the page without anything cached, and resolves with the milliseconds until an element with the test id is painted and can be
   * used. With `isSignedIn` false, in a profile without a login.
   */
  async load(testId: string, slowdown: number, isSignedIn: boolean): Promise<number> {
    const context = isSignedIn ? this.page.context() : await this.page.context().browser()?.newContext(profile);
    if (!context) throw new Error("The browser has ended.");
    const page = await context.newPage();
    try {
      await page.addInitScript({ path: probeFile });
      const devTools = await context.newCDPSession(page);
      await devTools.send("Network.enable");
      await devTools.send("Network.setCacheDisabled", { cacheDisabled: true });
      await devTools.send("Network.setBypassServiceWorker", { bypass: true });
      await devTools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
      await page.goto(new URL(this.page.url()).origin, { waitUntil: "commit" });
      return await page.evaluate<number>(`probe.shownAfter("${testId}")`);
    } finally {
      await (isSignedIn ? page : context).close();
    }
  }

  async throttle(rate: number): Promise<void> {
    await this.devTools.send("Emulation.setCPUThrottlingRate", { rate });
  }

  /** CPU milliseconds of the tasks on the page's main thread while `act` runs. */
  async cpuMsDuring(act: () => Promise<unknown>): Promise<number> {
    const before = await this.taskSeconds();
    await act();
    return ((await this.taskSeconds()) - before) * 1_000;
  }

  /** Resolves when the main thread is idle most of the time, or when the time is over. */
  async isIdle(timeoutMs: number): Promise<void> {
    for (const startedAt = Date.now(); Date.now() - startedAt < timeoutMs; ) {
      if ((await this.cpuMsDuring(() => delay(idleWindowMs))) < idleWindowMs * maxIdleShare) return;
    }
  }

  private async taskSeconds(): Promise<number> {
    const { metrics } = await this.devTools.send("Performance.getMetrics");
    const value = metrics.find(({ name }) => name === "TaskDuration")?.value;
    if (value === undefined) throw new Error("Chromium reports no TaskDuration.");
    return value;
  }

  /** Size of the live objects of the page's heap. */
  async heapMb(): Promise<number> {
    await this.devTools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.devTools.send("Runtime.getHeapUsage");
    return usedSize / bytesPerMb;
  }

  /** Scrolls a list like a finger or a wheel. Resolves with the durations of the frames. */
  async scroll(list: List, direction: "up" | "down", pixels: number): Promise<number[]> {
    const { x, y } = await this.ask<{ x: number; y: number }>(`probe.middleOf("${list}")`);
    await this.ask("probe.startFrames()");
    await this.devTools.send("Input.synthesizeScrollGesture", {
      ...{ x, y, yDistance: direction === "up" ? pixels : -pixels },
      ...{ speed: scrollPixelsPerSecond, preventFling: true, gestureSourceType: "mouse" },
    });
    return this.ask<number[]>("probe.stopFrames()");
  }
}
