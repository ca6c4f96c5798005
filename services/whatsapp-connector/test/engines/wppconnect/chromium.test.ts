import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { test as base, describe, expect } from "vitest";
import { Chromium, findChromium } from "../../../src/engines/wppconnect/browser/chromium.ts";
import { attachLibrary, releaseLibrary } from "../../../src/engines/wppconnect/browser/library.ts";
import { readPage } from "../../../src/engines/wppconnect/page/account.ts";
import { patienceMs } from "../../support/recorded-events.ts";
import { Recorder } from "../../support/recorder.ts";

const log = createLogger({ service: "test", level: "silent" });

const test = base.extend<{ userDataDir: string; chromium: Chromium }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
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

describe("our own Chromium", { timeout: 60_000 }, () => {
  test("may break any of its pipes without ending the connector", ({ chromium }) => {
    const pipes = chromium.browser.process()?.stdio.filter((pipe) => pipe !== null) ?? [];
    expect(pipes.length).toBeGreaterThan(2);
    for (const pipe of pipes) pipe?.emit("error", new Error("read ECONNRESET"));
  });

  test("leaves no lock on its profile when it was closed", async ({ chromium, userDataDir }) => {
    const locks = async () => (await readdir(userDataDir)).filter((name) => name.startsWith("Singleton"));
    expect(await locks()).not.toEqual([]);
    await chromium.close();
    expect(await locks()).toEqual([]);
  });

  test("hands its page to a library that closes nothing by itself, and calls no code on the screen a login", async ({
    chromium,
  }) => {
    const codes = new Recorder<string>();
    const { browser, page } = chromium;
    const options = { onQr: codes.push, onChange: () => undefined };
    const client = await attachLibrary("one", { browser, page }, log, options);
    await codes.next(() => true, patienceMs);
    expect((client as unknown as { options: object }).options).toMatchObject({
      ...{ autoClose: 0, deviceSyncTimeout: 0, logQR: false, updatesLog: false, whatsappVersion: "" },
    });
    // What the library calls ready is ready for a scan only.
    const isReady = () => client.page.evaluate("WPP.conn.isMainReady()");
    await expect.poll(isReady, { timeout: patienceMs }).toBe(true);
    expect(await page.evaluate(readPage)).toMatchObject({ isRegistered: false, mode: "QR" });
    expect(browser.listenerCount("targetdestroyed" as never)).toBe(0);
  });
});
