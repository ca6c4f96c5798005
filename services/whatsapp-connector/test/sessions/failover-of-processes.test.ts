import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { processesOf } from "../support/processes.ts";
import { newKey } from "../support/profiles.ts";
import { type ConnectorProcess, test, type World } from "../support/world.ts";
import { LinkedBrowser } from "../support/wppconnect/linked-browser.ts";

/** A fifth of production's: the same code, with the same ratios. */
const leaseMs = 9_000;
/** What the product promises for the look, the start of a browser and the sync together; a busy machine is given what it takes. */
const startMs = (linked: LinkedBrowser) => Math.max(10_000, 3 * linked.startMs);
const ana = "5511988887777";

/** Connected again on `next` no later than promised, without a code, with what came while nobody listened, and nothing left over. */
async function takenOver(
  world: World,
  linked: LinkedBrowser,
  { from, to, inOrder }: { from: ConnectorProcess; to: string; inOrder?: boolean },
): Promise<number> {
  const [before, codes, run] = [await linked.owner(), linked.codesShown, await linked.runOn(from)];
  const body = `meanwhile ${randomUUID()}`;
  const startedMs = performance.now();
  await (inOrder ? from.stop() : from.kill());
  linked.phone.receive({ from: ana, name: "Ana", body });
  await linked.status("connected");
  const tookMs = Math.round(performance.now() - startedMs);
  expect(await linked.owner()).toEqual({ owner: to, generation: before.generation + 1 });
  expect(linked.codesShown).toBe(codes);
  expect(await processesOf(run)).toEqual([]);
  expect((await world.job("message", (job) => job.body === body)).data).toMatchObject({ client: { number: ana } });
  return tookMs;
}

describe("a linked phone's session", { timeout: 150_000 }, () => {
  test("goes to another connector at once when its own is stopped, and within the lease when that is killed", async ({
    world,
    onTestFinished,
  }) => {
    world.takeJobs();
    const connectors: Record<string, ConnectorProcess> = {};
    const linked = await LinkedBrowser.link(world, async (standIn) => {
      const env = { ...standIn, LEASE_MS: String(leaseMs), SIMULATOR_ENABLED: "false", SIMULATOR_CONTROL: "false" };
      for (const name of ["a", "b"]) connectors[name] = await world.process(name, env);
    });
    onTestFinished(() => linked.close());
    const first = String((await linked.owner()).owner);
    const second = first === "a" ? "b" : "a";
    const [stopped, killed] = [connectors[first], connectors[second]];
    if (!stopped || !killed) throw new Error("the session belongs to nobody");

    const handOverMs = await takenOver(world, linked, { from: stopped, to: second, inOrder: true });
    expect(handOverMs).toBeLessThan(2 * startMs(linked)); // the old browser ends, a new one starts: no lease has to run out

    await world.process(first, { ...envOf(linked), LEASE_MS: String(leaseMs) });
    const failoverMs = await takenOver(world, linked, { from: killed, to: first });
    expect(failoverMs).toBeLessThan(leaseMs + startMs(linked));
  });

  test("comes back from its archive when its connector was killed and the disk is gone with it", async ({
    world,
    onTestFinished,
  }) => {
    world.takeJobs();
    const PROFILE_ENCRYPTION_KEY = newKey();
    const machine = (name: string) => ({
      PROFILE_DIRECTORY: join(world.directory, name),
      PROFILE_ENCRYPTION_KEY,
      LEASE_MS: String(leaseMs),
    });
    let killed: ConnectorProcess | undefined;
    const linked = await LinkedBrowser.link(world, async (env) => {
      killed = await world.process("killed", { ...env, ...machine("killed"), PROFILE_ARCHIVE_IDLE_MS: "500" });
    });
    onTestFinished(() => linked.close());
    if (!killed) throw new Error("no connector was started");
    await linked.status("reconnecting"); // stopped while it is archived
    await linked.status("connected");
    await world.process("next", { ...envOf(linked), ...machine("next") });
    const [lost, owner] = [join(world.directory, "killed"), await linked.owner()];
    expect(owner).toEqual({ owner: "killed", generation: 1 });
    const kill = killed.kill;
    const from = { ...killed, kill: async () => kill().then(() => rm(lost, { recursive: true })) };
    const failoverMs = await takenOver(world, linked, { from, to: "next" });
    expect(failoverMs).toBeLessThan(leaseMs + startMs(linked));
  });
});

const envOf = ({ standIn }: LinkedBrowser) => ({ WHATSAPP_WEB_STAND_IN: standIn.address });
