import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { test as base, describe, expect } from "vitest";
import { chooseSandbox } from "../../../src/engines/wppconnect/browser/sandbox.ts";
import { silentLog } from "../../support/silent-log.ts";
import { isBrowser, isRenderer, test } from "../../support/wppconnect/wppconnect.ts";

const run = promisify(execFile);
const isAllowed = (await chooseSandbox("auto", silentLog)).flags.length === 0;

/** A field of /proc/PID/status. */
const field = async (pid: number, name: string) =>
  new RegExp(`^${name}:\\s+(.+)$`, "m").exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];

describe("Chromium's sandbox", { timeout: 300_000 }, () => {
  test.skipIf(!isAllowed)("confines pages where the kernel allows it, and the log says so", async ({ fixture }) => {
    await fixture.start();
    await fixture.events.code();
    const processes = await fixture.processes();
    const browser = processes.find(({ commandLine }) => isBrowser(commandLine));
    const renderer = processes.find(({ commandLine }) => isRenderer(commandLine));
    expect(browser?.commandLine).not.toContain("--no-sandbox");
    expect(await field(browser?.pid ?? 0, "CapEff")).toBe("0000000000000000");
    expect(await field(renderer?.pid ?? 0, "Seccomp")).toBe("2");
    expect(fixture.log).toContain('"sandbox":true');
  });

  test("is off if it is configured so, and the log warns", async ({ fixture }) => {
    await fixture.start({ sandbox: "off" });
    await fixture.events.code();
    const processes = await fixture.processes();
    expect(processes.find(({ commandLine }) => isBrowser(commandLine))?.commandLine).toContain("--no-sandbox");
    expect(fixture.log).toContain("runs without its sandbox");
  });
});

base.skipIf(!isAllowed)(
  "a program beside Chromium cannot read the connector's environment",
  async ({ onTestFinished }) => {
    const connector = spawn("sleep", ["300"], { env: { ...process.env, SECRET: "profile key" } });
    onTestFinished(() => void connector.kill("SIGKILL"));
    const read = ["cat", `/proc/${connector.pid}/environ`];
    expect((await run("cat", read.slice(1))).stdout).toContain("profile key");
    const [command = "", ...words] = [...(await chooseSandbox("auto", silentLog)).command, ...read];
    await expect(run(command, words)).rejects.toThrow("Permission denied");
  },
);

base("no browser starts without a required sandbox, and an optional one is left out", async () => {
  const unavailable = async () => false;
  await expect(chooseSandbox("required", silentLog, unavailable)).rejects.toThrow("CHROMIUM_SANDBOX");
  expect(await chooseSandbox("auto", silentLog, unavailable)).toEqual({ command: [], flags: ["--no-sandbox"] });
});
