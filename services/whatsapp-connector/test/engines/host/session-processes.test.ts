import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { describe, expect } from "vitest";
import { commandLineOf, hostsOf, processesOf, runOf } from "../../support/processes.ts";
import { type Heard, test, type World } from "../../support/world.ts";
import { processesOf as browserProcessesOf } from "../../support/wppconnect/browser-processes.ts";

const env = { SIMULATOR_IN_PROCESS: "false" };
const times = { session: { restart: { firstMs: 1, maxMs: 5 } }, manager: { renewEveryMs: 100 } };
const browserMs = 45_000;
const goneWithinMs = 45_000;
const codes = (world: { heard: { all: { event: { type: string } }[] } }) =>
  world.heard.all.filter(({ event }) => event.type === "qr_code").length;

describe("a session with an engine in a separate process", { timeout: 120_000 }, () => {
  test("reconnects without a code after its process was killed, without effect on other sessions", async ({
    world,
  }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", { env, times: { ...times, host: { measureEveryMs: 200 } } });
    const [one, other] = [await world.session(companyId), await world.session(companyId)];
    await world.status(one.id, "connected");
    await world.status(other.id, "connected");
    const details = (id: string) => world.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(id));
    await expect
      .poll(async () => (await details(one.id))?.memoryBytes ?? 0, { timeout: goneWithinMs })
      .toBeGreaterThan(1e6);

    const codesBefore = codes(world);
    const [host = 0] = await hostsOf(process.pid);
    const run = await runOf(host);
    process.kill(host, "SIGKILL");
    const killed = (await world.event("session_status", ({ data }) => data.detail === "reconnecting")).event.data;
    expect(killed.reason).toBe("engine_crashed");
    await world.status(killed.sessionId, "connected");
    expect(await processesOf(run)).toEqual([]);
    expect(codes(world)).toBe(codesBefore);
    await expect.poll(async () => (await details(killed.sessionId))?.restarts).toBe(1);
    const untouched = killed.sessionId === one.id ? other : one;
    expect(await details(untouched.id)).toMatchObject({ detail: "connected", restarts: 0 });

    // Commands reach the phone, and its pictures reach the connector, across the process boundary.
    world.takeJobs();
    await connector.phone(killed.sessionId, "message", { from: "5511960001842", body: "foto", image: true });
    const { data } = await world.job("message");
    expect(data.media?.mimeType).toBe("image/png");

    await connector.stop();
    expect(await hostsOf(process.pid)).toEqual([]);
  });

  test("loses its process when the connector is killed, and continues on another connector without a code", async ({
    world,
  }) => {
    const companyId = await world.company();
    const killed = await world.process("a", env);
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const { phoneNumber } = Session.parse(await world.find(companyId, id));
    const [host = 0] = await hostsOf(killed.pid);
    const run = await runOf(host);
    const codesBefore = codes(world);
    await killed.kill();
    await expect.poll(() => processesOf(run), { timeout: goneWithinMs }).toEqual([]);

    await world.connector("a", { env });
    await world.status(id, "starting");
    await world.status(id, "connected");
    expect(await world.find(companyId, id)).toMatchObject({ phoneNumber });
    expect(codes(world)).toBe(codesBefore);
  });

  test("loses its process when the connector is killed while the process hangs", async ({ world }) => {
    const companyId = await world.company();
    const killed = await world.process("a", env);
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const [host = 0] = await hostsOf(killed.pid);
    const run = await runOf(host);
    process.kill(host, "SIGSTOP");
    await killed.kill();
    process.kill(host, "SIGCONT");
    await expect.poll(() => processesOf(run), { timeout: goneWithinMs }).toEqual([]);
  });

  test("emits the reason, leaves no process and restarts after its process, browser or page was killed", {
    timeout: 120_000,
  }, async ({ world, onTestFinished }) => {
    const { companyId, id, connector } = await startBrowserSession(world, onTestFinished);
    for (const [victim, reason] of victims) {
      const run = await runOf((await hostsOf(connector.pid))[0] ?? 0);
      const before = await processesIn(world, id, run);
      await killIn(before, victim);
      const reconnecting = await world.heard.next(({ event }) => detailOf(event) === "reconnecting", browserMs);
      expect(reconnecting.event.data).toMatchObject({ sessionId: id, reason });
      await world.heard.next(isCode, browserMs);
      await expect.poll(() => world.find(companyId, id)).toMatchObject({ detail: "qr" }); // stored at about the same time as the code
      const after = (await processesIn(world, id, run)).map(({ pid }) => pid);
      expect(before.filter(({ pid }) => after.includes(pid))).toEqual([]);
    }
    await connector.stop();
    expect(await locksOf(world, id)).toEqual([]);
  });

  test("loses its browser when the connector is killed, and the next connector removes the locks", {
    timeout: 120_000,
  }, async ({ world, onTestFinished }) => {
    const { id, connector, env: sameEnv } = await startBrowserSession(world, onTestFinished);
    const run = await runOf((await hostsOf(connector.pid))[0] ?? 0);
    await connector.kill();
    await expect.poll(() => processesIn(world, id, run), { timeout: goneWithinMs }).toEqual([]);
    expect(await locksOf(world, id)).not.toEqual([]);
    const next = await world.process("a", sameEnv);
    await world.heard.next(isCode, browserMs);
    await next.stop();
    expect(await locksOf(world, id)).toEqual([]);
  });
});

const isCode = ({ event }: Heard) => event.type === "qr_code";
const detailOf = (event: Heard["event"]) => (event.data as { detail?: string }).detail;
const locksOf = async (world: World, sessionId: string) => {
  const inProfile = await readdir(join(world.directory, "profiles", sessionId, "chromium"));
  return inProfile.filter((name) => name.startsWith("Singleton"));
};

/** Starts a session of the real engine and waits for its QR code. */
async function startBrowserSession(world: World, onTestFinished: (close: () => Promise<void>) => void) {
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  const companyId = await world.company();
  const env = { WHATSAPP_WEB_STAND_IN: standIn.address };
  const connector = await world.process("a", env);
  const { id } = await world.session(companyId, { engine: "wppconnect" });
  await world.heard.next(isCode, browserMs);
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
async function processesIn(world: World, sessionId: string, run: string) {
  const marked = await processesOf(run);
  const others = await browserProcessesOf(join(world.directory, "profiles", sessionId));
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
