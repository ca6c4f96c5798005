import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { test as base, describe, expect } from "vitest";
import { Chromium, findChromium } from "../../../src/engines/wppconnect/browser/chromium.ts";
import { attachLibrary, releaseLibrary } from "../../../src/engines/wppconnect/browser/library.ts";
import { readPage } from "../../../src/engines/wppconnect/page/account.ts";
import { deadlineMs } from "../../support/recorded-events.ts";
import { Recorder } from "../../support/recorder.ts";

const log = createLogger({ service: "test", level: "silent" });

const test = base.extend<{ userDataDir: string; chromium: Chromium }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  userDataDir: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), "chromium-"));
    await use(join(directory, "chromium"));
    await rm(directory, { recursive: true, force: true });
  },
  chromium: async ({ userDataDir }, use) => {
    const standIn = await startStandIn();
    const executablePath = findChromium(process.env.CHROMIUM_PATH);
    const chromium = await Chromium.launch({ executablePath, userDataDir, standIn: standIn.address }, log);
    await use(chromium);
    releaseLibrary(chromium.page);
    await chromium.close();
    await standIn.close();
  },
});

describe("Chromium", { timeout: 300_000 }, () => {
  test("does not end the connector when one of its pipes breaks", ({ chromium }) => {
    const pipes = chromium.browser.process()?.stdio.filter((pipe) => pipe !== null) ?? [];
    expect(pipes.length).toBeGreaterThan(2);
    for (const pipe of pipes) pipe?.emit("error", new Error("read ECONNRESET"));
  });

  test("leaves no lock on its profile after it was closed", async ({ chromium, userDataDir }) => {
    const locks = async () => (await readdir(userDataDir)).filter((name) => name.startsWith("Singleton"));
    expect(await locks()).not.toEqual([]);
    await chromium.close();
    expect(await locks()).toEqual([]);
  });

  test("is not closed by the library, and a QR code does not count as a login", async ({ chromium }) => {
    const codes = new Recorder<string>();
    const { browser, page } = chromium;
    const options = { onQr: codes.push, onChange: () => undefined };
    const client = await attachLibrary("one", { browser, page }, log, options);
    await codes.next(() => true, deadlineMs);
    expect((client as unknown as { options: object }).options).toMatchObject({
      autoClose: 0,
      deviceSyncTimeout: 0,
      logQR: false,
      updatesLog: false,
      whatsappVersion: "",
    });
    // The library reports `ready` already when a code can be scanned.
    const isReady = () => client.page.evaluate("WPP.conn.isMainReady()");
    await expect.poll(isReady, { timeout: deadlineMs }).toBe(true);
    expect(await page.evaluate(readPage)).toMatchObject({ isRegistered: false, mode: "QR" });
    expect(browser.listenerCount("targetdestroyed" as never)).toBe(0);
    // Chromium loads pages of its own, such as the suggestions of the address bar, a second after its start.
    const { targetInfos } = await (await browser.target().createCDPSession()).send("Target.getTargets");
    expect(targetInfos.map(({ url }) => new URL(url).protocol)).toEqual(["https:"]);
  });
});
