import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readlink, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { findChromium } from "../../../src/engines/wppconnect/browser/chromium.ts";
import { deadlineMs } from "../../support/recorded-events.ts";
import { EngineFixture, test } from "../../support/wppconnect/wppconnect.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const listenerCounts = () => [...signals, "unhandledRejection"].map((name) => process.listenerCount(name));
const failure = async (fixture: EngineFixture) => (await fixture.events.state("failed")).reason;

describe("starting the wppconnect engine", { timeout: 300_000 }, () => {
  test("fails with browser_missing without a browser", async ({ fixture }) => {
    await fixture.start({ chromiumPath: "/nowhere/chromium" });
    expect(await failure(fixture)).toBe("browser_missing");
  });

  test("fails with browser_not_started if the browser does not run", async ({ fixture }) => {
    await fixture.start({ chromiumPath: "/bin/false" });
    expect(await failure(fixture)).toBe("browser_not_started");
  });

  test("fails with profile_not_writable if the profile directory can't be written", async ({ fixture }) => {
    await writeFile(join(fixture.profileDirectory, "chromium"), "not a directory");
    await fixture.start();
    expect(await failure(fixture)).toBe("profile_not_writable");
  });

  test("waits for the network in the same browser, and then continues", async ({ fixture }) => {
    fixture.standIn.networkDown();
    await fixture.start();
    expect((await fixture.events.state("reconnecting")).reason).toBe("network_lost");
    const [browser] = await fixture.processes();
    fixture.standIn.networkUp();
    await fixture.events.code();
    expect((await fixture.processes())[0]?.pid).toBe(browser?.pid);
    expect(fixture.events.states.all.map(({ detail }) => detail)).toEqual(["starting", "reconnecting", "qr"]);
  });

  test("fails with page_not_loaded if WhatsApp never responds, and leaves no browser", async ({ fixture }) => {
    fixture.standIn.serve("nothing");
    await fixture.start({ loadMs: 3_000 });
    expect(await failure(fixture)).toBe("page_not_loaded");
    await fixture.stop();
    expect(await fixture.processes()).toEqual([]);
  });

  test("reloads a page that never becomes ready once, then fails, and leaves no browser", async ({ fixture }) => {
    fixture.standIn.serve("blank");
    await fixture.start({ readyMs: 1_500 });
    expect(await failure(fixture)).toBe("page_not_ready");
    expect(fixture.log).toContain("is reloaded");
    await fixture.stop();
    expect(await fixture.processes()).toEqual([]);
  });

  test("kills a browser that was left on the profile", async ({ linked }) => {
    const profile = join(linked.profileDirectory, "chromium");
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "about:blank"];
    const left = spawn(findChromium(process.env.CHROMIUM_PATH), args, { detached: true, stdio: "ignore" });
    const ended = once(left, "exit");
    const lock = () => readlink(join(profile, "SingletonLock")).catch(() => "");
    await expect.poll(lock, { timeout: deadlineMs }).toBe(`${hostname()}-${left.pid}`);
    await linked.start();
    await ended;
    await linked.events.state("connected");
    expect(linked.log).toContain("killing a browser that an earlier run left on the profile");
  });

  test("removes profile locks of another machine", async ({ linked }) => {
    const profile = join(linked.profileDirectory, "chromium");
    await mkdir(profile, { recursive: true });
    await symlink(`another-${hostname()}-12345`, join(profile, "SingletonLock"));
    await linked.start();
    await linked.events.state("connected");
  });

  test("does not kill another process that has the pid of an old lock", async ({ linked }) => {
    const bystander = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
    await symlink(`${hostname()}-${bystander.pid}`, join(linked.profileDirectory, "chromium", "SingletonLock"));
    await linked.start();
    await linked.events.state("connected");
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill("SIGKILL");
  });

  test("adds no handlers for signals or unhandled rejections to the process", async ({ fixture }) => {
    const before = listenerCounts();
    await fixture.start();
    await fixture.events.code();
    expect(listenerCounts()).toEqual(before);
  });

  test("gives two sessions in one process separate profiles, and writes nowhere else", async ({ fixture }) => {
    const other = await EngineFixture.open();
    await Promise.all([fixture.start(), other.start()]);
    const [one, two] = [await fixture.events.code(), await other.events.code()];
    expect(one.raw).not.toBe(two.raw);
    for (const { profileDirectory } of [fixture, other])
      expect(existsSync(join(profileDirectory, "chromium", "Default"))).toBe(true);
    await other.close();
    expect(existsSync("tokens")).toBe(false);
    expect(await fixture.processes()).not.toEqual([]);
  });

  test("logs no warnings, such as those for updates or versions of the library", async ({ fixture }) => {
    await fixture.start();
    await fixture.events.code();
    const lines = fixture.log.split("\n").filter((line) => line !== "");
    const entries = lines.map((line) => JSON.parse(line) as { level: string | number; msg: string });
    expect(entries.filter(({ level }) => level === "warn" || level === "error" || Number(level) >= 40)).toEqual([]);
  });
});
