import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readlink, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { findChromium } from "../../../src/engines/wppconnect/browser/chromium.ts";
import { patienceMs } from "../../support/recorded-events.ts";
import { Bench, test } from "../../support/wppconnect/wppconnect.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const heardByUs = () => [...signals, "unhandledRejection"].map((name) => process.listenerCount(name));
const failure = async (bench: Bench) => (await bench.heard.state("failed")).reason;

describe("a start of the wppconnect engine", { timeout: 120_000 }, () => {
  test("without a browser fails and says that it is missing", async ({ bench }) => {
    await bench.start({ chromiumPath: "/nowhere/chromium" });
    expect(await failure(bench)).toBe("browser_missing");
  });

  test("with a browser that does not run fails and says so", async ({ bench }) => {
    await bench.start({ chromiumPath: "/bin/false" });
    expect(await failure(bench)).toBe("browser_not_started");
  });

  test("on a profile directory that can't be written is told", async ({ bench }) => {
    await writeFile(join(bench.profileDirectory, "chromium"), "in the way");
    await bench.start();
    expect(await failure(bench)).toBe("profile_not_writable");
  });

  test("without a network waits in the same browser, and goes on by itself when the network is there", async ({
    bench,
  }) => {
    bench.standIn.networkDown();
    await bench.start();
    expect((await bench.heard.state("reconnecting")).reason).toBe("network_lost");
    const [browser] = await bench.processes();
    bench.standIn.networkUp();
    await bench.heard.code();
    expect((await bench.processes())[0]?.pid).toBe(browser?.pid);
    expect(bench.heard.states.all.map(({ detail }) => detail)).toEqual(["starting", "reconnecting", "qr"]);
  });

  test("on a page that never answers fails with a reason of its own, and leaves no browser", async ({ bench }) => {
    bench.standIn.serve("nothing");
    await bench.start({ loadMs: 3_000 });
    expect(await failure(bench)).toBe("page_not_loaded");
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("on a page that never becomes WhatsApp's loads it again once, then fails, and leaves no browser", async ({
    bench,
  }) => {
    bench.standIn.serve("blank");
    await bench.start({ readyMs: 1_500 });
    expect(await failure(bench)).toBe("page_not_ready");
    expect(bench.log).toContain("is loaded again");
    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("ends a browser that somebody left on the profile first", async ({ linked }) => {
    const profile = join(linked.profileDirectory, "chromium");
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "about:blank"];
    const left = spawn(findChromium(process.env.CHROMIUM_PATH), args, { detached: true, stdio: "ignore" });
    const ended = once(left, "exit");
    const lock = () => readlink(join(profile, "SingletonLock")).catch(() => "");
    await expect.poll(lock, { timeout: patienceMs }).toBe(`${hostname()}-${left.pid}`);
    await linked.start();
    await ended;
    await linked.heard.state("connected");
    expect(linked.log).toContain("ending a browser that was left on this profile");
  });

  test("takes a profile whose locks name a machine that is gone", async ({ linked }) => {
    const profile = join(linked.profileDirectory, "chromium");
    await mkdir(profile, { recursive: true });
    await symlink(`another-${hostname()}-12345`, join(profile, "SingletonLock"));
    await linked.start();
    await linked.heard.state("connected");
  });

  test("leaves another process alone that has the pid of an old lock", async ({ linked }) => {
    const bystander = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
    await symlink(`${hostname()}-${bystander.pid}`, join(linked.profileDirectory, "chromium", "SingletonLock"));
    await linked.start();
    await linked.heard.state("connected");
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill("SIGKILL");
  });

  test("leaves the process's signals and rejections to whoever had them", async ({ bench }) => {
    const before = heardByUs();
    await bench.start();
    await bench.heard.code();
    expect(heardByUs()).toEqual(before);
  });

  test("of two sessions in one process gives each its own profile, and writes nowhere else", async ({ bench }) => {
    const other = await Bench.open();
    await Promise.all([bench.start(), other.start()]);
    const [one, two] = [await bench.heard.code(), await other.heard.code()];
    expect(one.raw).not.toBe(two.raw);
    for (const { profileDirectory } of [bench, other])
      expect(existsSync(join(profileDirectory, "chromium", "Default"))).toBe(true);
    await other.close();
    expect(existsSync("tokens")).toBe(false);
    expect(await bench.processes()).not.toEqual([]);
  });

  test("says nothing of updates, banners or versions, and asks nobody for them", async ({ bench }) => {
    await bench.start();
    await bench.heard.code();
    const lines = bench.log.split("\n").filter((line) => line !== "");
    const loud = lines.map((line) => JSON.parse(line) as { level: string | number; msg: string });
    expect(loud.filter(({ level }) => level === "warn" || level === "error" || Number(level) >= 40)).toEqual([]);
  });
});
