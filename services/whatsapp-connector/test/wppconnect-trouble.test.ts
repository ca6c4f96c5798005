import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Phone } from "@syszap/testing/whatsapp-web-stand-in";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { newKey } from "./support/heard.ts";
import { Bench } from "./support/wppconnect.ts";

const shop = "5511999991111";
const ana = "5511988887777";

describe("the wppconnect engine in trouble", { timeout: 120_000 }, () => {
  let bench: Bench;
  let phone: Phone;

  beforeAll(async () => {
    bench = await Bench.open();
    phone = bench.standIn.phone(shop, "Loja");
  });
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  test("without a browser it fails and says what to install", async () => {
    await bench.start({ chromiumPath: "/nowhere/chromium" });
    expect((await bench.heard.state("failed")).reason).toBe("browser_missing");
  });

  test("a profile directory that can't be used is told", async () => {
    await writeFile(join(bench.profileDirectory, "chromium"), "in the way");
    await bench.start();
    expect((await bench.heard.state("failed")).reason).toBe("profile_not_writable");
    await rm(join(bench.profileDirectory, "chromium"));
  });

  test("without a network the page does not load, and no browser is left", async () => {
    bench.standIn.networkDown();
    await bench.start();
    expect((await bench.heard.state("failed")).reason).toContain("did not load");
    bench.standIn.networkUp();
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("a message that arrives while the page reloads is found by reconciliation", async () => {
    await bench.start();
    const { heard } = bench;
    bench.standIn.scan((await heard.code()).raw, phone);
    await heard.state("connected");
    phone.reloadPages();
    phone.receive({ from: ana, body: "durante a recarga" });
    await heard.message("durante a recarga");
    phone.receive({ from: ana, body: "depois da recarga" });
    await heard.message("depois da recarga");
  });

  test("a message that WhatsApp does not answer for is of unknown fate, and found later under its id", async () => {
    const engine = await bench.start({ sendMs: 500 });
    const { heard } = bench;
    await heard.state("connected");
    phone.hold();
    const waKey = newKey();
    await expect(engine.send({ waKey, waChatId: `${ana}@c.us`, body: "demorou" })).rejects.toMatchObject({
      kind: "transient",
    });
    expect(await engine.find(`${ana}@c.us`, waKey)).toBe("pending");
    phone.release();
    await heard.fact("ack", (fact) => fact.waKey === waKey && fact.status === "sent");
    expect(await engine.find(`${ana}@c.us`, waKey)).toBe("accepted");
    expect(phone.sent.filter(({ key }) => key === waKey)).toHaveLength(1);
  });

  test("a killed browser is told at once, and the next start needs no code", async () => {
    await bench.start();
    await bench.heard.state("connected");
    const main = (await bench.processes()).find(({ commandLine }) => !commandLine.includes("--type="));
    if (main) process.kill(main.pid, "SIGKILL");
    expect(await bench.heard.state("failed")).toMatchObject({ reason: "browser_ended" });
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
    await bench.start();
    await bench.heard.state("connected");
    expect(bench.heard.codes.all).toEqual([]);
  });

  test("a frozen page is loaded again, then told by a reason of its own, and nothing of its browser is left", async () => {
    await bench.start();
    await bench.heard.state("connected");
    // Again and again: a reload may go to a renderer that was started meanwhile, and then the page is well again.
    const freezing = setInterval(() => void freezeRenderers(bench), 200);
    onTestFinished(() => clearInterval(freezing));
    expect(await bench.heard.state("failed", 100_000)).toMatchObject({ reason: "page_silent" });
    expect(bench.log).toContain("is loaded again");
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("a crashed page is told, and nothing of its browser is left", async () => {
    await bench.start();
    await bench.heard.state("connected");
    const renderers = (await bench.processes()).filter(({ commandLine }) => commandLine.includes("--type=renderer"));
    for (const { pid } of renderers) process.kill(pid, "SIGKILL");
    expect(await bench.heard.state("failed")).toMatchObject({ reason: "page_crashed" });
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("locks of a machine that is gone do not keep the profile shut", async () => {
    const profile = join(bench.profileDirectory, "chromium");
    await mkdir(profile, { recursive: true });
    await symlink(`another-${hostname()}-12345`, join(profile, "SingletonLock"));
    await bench.start();
    await bench.heard.state("connected");
  });
});

async function freezeRenderers(bench: Bench): Promise<void> {
  for (const { pid, commandLine } of await bench.processes()) {
    if (!commandLine.includes("--type=renderer")) continue;
    try {
      process.kill(pid, "SIGSTOP");
    } catch {
      // gone since it was listed
    }
  }
}
