import { Session } from "@syszap/contracts";
import { startStandIn } from "@syszap/testing/whatsapp-web-stand-in";
import { describe, expect } from "vitest";
import { commandLinesOf, hostsOf, processesOf, runOf } from "./support/processes.ts";
import { type Heard, test } from "./support/world.ts";

const env = { SIMULATOR_IN_PROCESS: "false" };
const times = { session: { restart: { firstMs: 1, mostMs: 5 } }, manager: { renewEveryMs: 100 } };
const browserMs = 45_000;
const goneWithinMs = 15_000;
const codes = (world: { heard: { all: { event: { type: string } }[] } }) =>
  world.heard.all.filter(({ event }) => event.type === "qr_code").length;

describe("a session whose engine has a process of its own", { timeout: 60_000 }, () => {
  test("is connected again without a code after its process was killed, and nobody else notices", async ({ world }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", { env, times: { ...times, host: { measureEveryMs: 200 } } });
    const [one, other] = [await world.session(companyId), await world.session(companyId)];
    await world.status(one.id, "connected");
    await world.status(other.id, "connected");
    const details = (id: string) => world.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(id));
    await expect.poll(async () => (await details(one.id))?.memoryBytes ?? 0, { timeout: 10_000 }).toBeGreaterThan(1e6);

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

    // Orders reach the phone, and its pictures reach us, across the border.
    world.takeJobs();
    await connector.phone(killed.sessionId, "message", { from: "5511960001842", body: "foto", image: true });
    const { data } = await world.job("message");
    expect(data.media?.mimeType).toBe("image/png");

    await connector.stop();
    expect(await hostsOf(process.pid)).toEqual([]);
  });

  test("loses its process within seconds when the connector is killed, and another one goes on without a code", async ({
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
    await expect.poll(() => processesOf(run), { timeout: 5_000 }).toEqual([]);

    await world.connector("a", { env });
    await world.status(id, "starting");
    await world.status(id, "connected");
    expect(await world.find(companyId, id)).toMatchObject({ phoneNumber });
    expect(codes(world)).toBe(codesBefore);
  });

  test("that hangs when the connector is killed goes too", async ({ world }) => {
    const companyId = await world.company();
    const killed = await world.process("a", env);
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const [host = 0] = await hostsOf(killed.pid);
    const run = await runOf(host);
    process.kill(host, "SIGSTOP");
    await killed.kill();
    process.kill(host, "SIGCONT");
    await expect.poll(() => processesOf(run), { timeout: 5_000 }).toEqual([]);
  });

  test("takes its browser along, whether the process is killed or the connector", { timeout: 120_000 }, async ({
    world,
    onTestFinished,
  }) => {
    const standIn = await startStandIn({});
    onTestFinished(() => standIn.close());
    const companyId = await world.company();
    const connector = await world.process("a", { WHATSAPP_WEB_STAND_IN: standIn.address });
    const { id } = await world.session(companyId, { engine: "wppconnect" });
    const isCode = ({ event }: Heard) => event.type === "qr_code";
    await world.heard.next(isCode, browserMs);
    const firstRun = await runOf((await hostsOf(connector.pid))[0] ?? 0);
    expect((await commandLinesOf(firstRun)).filter((line) => line.includes("--user-data-dir")).length).toBeGreaterThan(
      0,
    );

    process.kill((await hostsOf(connector.pid))[0] ?? 0, "SIGKILL");
    await world.heard.next(({ event }) => (event.data as { detail?: string }).detail === "reconnecting", browserMs);
    // Killed is not gone: on a busy machine the last of them takes a moment to leave the table.
    await expect.poll(() => processesOf(firstRun), { timeout: goneWithinMs }).toEqual([]);
    await world.heard.next(isCode, browserMs);
    await expect.poll(() => world.find(companyId, id)).toMatchObject({ detail: "qr" }); // written beside the code, not before

    const secondRun = await runOf((await hostsOf(connector.pid))[0] ?? 0);
    await connector.kill();
    await expect.poll(() => processesOf(secondRun), { timeout: goneWithinMs }).toEqual([]);
  });
});
