import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { describe, expect } from "vitest";
import { commandLineOf, hostsOf, processesOf, runOf } from "../../support/processes.ts";
import { type RecordedEvent, type TestEnvironment, test } from "../../support/test-environment.ts";
import { processesOf as browserProcessesOf } from "../../support/wppconnect/browser-processes.ts";

const env = { SIMULATOR_IN_PROCESS: "false" };
const times = { session: { restart: { firstMs: 1, maxMs: 5 } }, manager: { renewEveryMs: 100 } };
const browserMs = 45_000;
const goneWithinMs = 45_000;
const codes = (environment: { events: { all: { event: { type: string } }[] } }) =>
  environment.events.all.filter(({ event }) => event.type === "qr_code").length;

describe("a session with an engine in a separate process", { timeout: 300_000 }, () => {
  test("reconnects without a code after its process was killed, without effect on other sessions", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const connector = await environment.connector("a", { env, times: { ...times, host: { measureEveryMs: 200 } } });
    const [one, other] = [await environment.session(companyId), await environment.session(companyId)];
    await environment.status(one.id, "connected");
    await environment.status(other.id, "connected");
    const details = (id: string) => environment.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(id));
    await expect
      .poll(async () => (await details(one.id))?.memoryBytes ?? 0, { timeout: goneWithinMs })
      .toBeGreaterThan(1e6);

    const codesBefore = codes(environment);
    const [host = 0] = await hostsOf(process.pid);
    const run = await runOf(host);
    process.kill(host, "SIGKILL");
    const killed = (await environment.event("session_status", ({ data }) => data.detail === "reconnecting")).event.data;
    expect(killed.reason).toBe("engine_crashed");
    await environment.status(killed.sessionId, "connected");
    expect(await processesOf(run)).toEqual([]);
    expect(codes(environment)).toBe(codesBefore);
    await expect.poll(async () => (await details(killed.sessionId))?.restarts).toBe(1);
    const untouched = killed.sessionId === one.id ? other : one;
    expect(await details(untouched.id)).toMatchObject({ detail: "connected", restarts: 0 });

    // Commands reach the phone, and its pictures reach the connector, across the process boundary.
    environment.takeJobs();
    await connector.phone(killed.sessionId, "message", { from: "5511960001842", body: "foto", image: true });
    const { data } = await environment.job("message");
    expect(data.media?.mimeType).toBe("image/png");

    await connector.stop();
    expect(await hostsOf(process.pid)).toEqual([]);
  });

  test("loses its process when the connector is killed, and continues on another connector without a code", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const killed = await environment.process("a", env);
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    const { phoneNumber } = Session.parse(await environment.find(companyId, id));
    const [host = 0] = await hostsOf(killed.pid);
    const run = await runOf(host);
    const codesBefore = codes(environment);
    await killed.kill();
    await expect.poll(() => processesOf(run), { timeout: goneWithinMs }).toEqual([]);

    await environment.connector("a", { env });
    await environment.status(id, "starting");
    await environment.status(id, "connected");
    expect(await environment.find(companyId, id)).toMatchObject({ phoneNumber });
    expect(codes(environment)).toBe(codesBefore);
  });

  test("loses its process when the connector is killed while the process hangs", async ({ environment }) => {
    const companyId = await environment.company();
    const killed = await environment.process("a", env);
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    const [host = 0] = await hostsOf(killed.pid);
    const run = await runOf(host);
    process.kill(host, "SIGSTOP");
    await killed.kill();
    process.kill(host, "SIGCONT");
    await expect.poll(() => processesOf(run), { timeout: goneWithinMs }).toEqual([]);
  });

  test("emits the reason, leaves no process and restarts after its process, browser or page was killed", {
    timeout: 300_000,
  }, async ({ environment, onTestFinished }) => {
    const { companyId, id, connector } = await startBrowserSession(environment, onTestFinished);
    for (const [victim, reason] of victims) {
      const run = await runOf((await hostsOf(connector.pid))[0] ?? 0);
      const before = await processesIn(environment, id, run);
      await killIn(before, victim);
      const reconnecting = await environment.events.next(({ event }) => detailOf(event) === "reconnecting", browserMs);
      expect(reconnecting.event.data).toMatchObject({ sessionId: id, reason });
      await environment.events.next(isCode, browserMs);
      await expect.poll(() => environment.find(companyId, id)).toMatchObject({ detail: "qr" }); // stored at about the same time as the code
      const after = (await processesIn(environment, id, run)).map(({ pid }) => pid);
      expect(before.filter(({ pid }) => after.includes(pid))).toEqual([]);
    }
    await connector.stop();
    expect(await locksOf(environment, id)).toEqual([]);
  });

  test("loses its browser when the connector is killed, and the next connector removes the locks", {
    timeout: 300_000,
  }, async ({ environment, onTestFinished }) => {
    const { id, connector, env: sameEnv } = await startBrowserSession(environment, onTestFinished);
    const run = await runOf((await hostsOf(connector.pid))[0] ?? 0);
    await connector.kill();
    await expect.poll(() => processesIn(environment, id, run), { timeout: goneWithinMs }).toEqual([]);
    expect(await locksOf(environment, id)).not.toEqual([]);
    const next = await environment.process("a", sameEnv);
    await environment.events.next(isCode, browserMs);
    await next.stop();
    expect(await locksOf(environment, id)).toEqual([]);
  });
});

const isCode = ({ event }: RecordedEvent) => event.type === "qr_code";
const detailOf = (event: RecordedEvent["event"]) => (event.data as { detail?: string }).detail;
const locksOf = async (environment: TestEnvironment, sessionId: string) => {
  const inProfile = await readdir(join(environment.directory, "profiles", sessionId, "chromium"));
  return inProfile.filter((name) => name.startsWith("Singleton"));
};

/** Starts a session of the real engine and waits for its QR code. */
async function startBrowserSession(environment: TestEnvironment, onTestFinished: (close: () => Promise<void>) => void) {
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  const companyId = await environment.company();
  const env = { WHATSAPP_WEB_STAND_IN: standIn.address };
  const connector = await environment.process("a", env);
  const { id } = await environment.session(companyId, { engine: "wppconnect" });
  await environment.events.next(isCode, browserMs);
  return { companyId, id, connector, env };
}

const victims = [
  ["process", "engine_crashed"],
  ["browser", "browser_ended"],
  ["page", "page_crashed"],
] as const;
const isVictim = {
  process: (line: string) => line.includes("engines/host/main"),
  browser: (line: string) => line.includes("--user-data-dir") && !line.includes("--type="),
  page: (line: string) => line.includes("--type=renderer"),
};

/** The page processes of a browser do not have the environment variable of the run, but their command line has the profile. */
async function processesIn(environment: TestEnvironment, sessionId: string, run: string) {
  const marked = await processesOf(run);
  const others = await browserProcessesOf(join(environment.directory, "profiles", sessionId));
  return Promise.all(
    [...new Set([...marked, ...others.map(({ pid }) => pid)])].map(async (pid) => ({
      pid,
      commandLine: await commandLineOf(pid),
    })),
  );
}

async function killIn(running: { pid: number; commandLine: string }[], victim: keyof typeof isVictim): Promise<void> {
  const chosen = running.filter(({ commandLine }) => isVictim[victim](commandLine));
  if (chosen.length === 0) throw new Error(`no ${victim} runs`);
  for (const { pid } of chosen) process.kill(pid, "SIGKILL");
}
