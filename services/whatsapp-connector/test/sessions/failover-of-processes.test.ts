import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { ConnectorProcess } from "../support/connector-process.ts";
import { processesOf } from "../support/processes.ts";
import { newKey } from "../support/profiles.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";
import { LinkedBrowser } from "../support/wppconnect/linked-browser.ts";

/** A fifth of the production value. All other times of the lease keep their ratios to it. */
const leaseMs = 9_000;
const ana = "5511988887777";

/**
 * Ends `from` and checks that `to` takes the session over: without a new code, with the message that arrived meanwhile, and
 * without a remaining process of the old browser.
 */
async function expectTakeover(
  environment: TestEnvironment,
  linked: LinkedBrowser,
  { from, to, isKilled }: { from: ConnectorProcess; to: string; isKilled: boolean },
): Promise<void> {
  const [before, codes, run] = [await linked.owner(), linked.codesShown, await linked.runOn(from)];
  const body = `meanwhile ${randomUUID()}`;
  await (isKilled ? from.kill() : from.stop());
  // A stopped connector releases its lease; the lease of a killed one must expire first.
  if (!isKilled) expect(await linked.leaseHolder()).not.toBe(before.owner);
  linked.phone.receive({ from: ana, name: "Ana", body });
  await linked.status("connected");
  expect(await linked.owner()).toEqual({ owner: to, generation: before.generation + 1 });
  expect(linked.codesShown).toBe(codes);
  expect(await processesOf(run)).toEqual([]);
  expect((await environment.job("message", (job) => job.body === body)).data).toMatchObject({
    client: { number: ana },
  });
}

describe("a linked phone's session", { timeout: 300_000 }, () => {
  test("moves to another connector when its own is stopped, without waiting for the lease, and when its own is killed", async ({
    environment,
    onTestFinished,
  }) => {
    environment.takeJobs();
    const connectors: Record<string, ConnectorProcess> = {};
    const linked = await LinkedBrowser.link(environment, async (standIn) => {
      const env = { ...standIn, LEASE_MS: String(leaseMs), SIMULATOR_ENABLED: "false", SIMULATOR_CONTROL: "false" };
      for (const name of ["a", "b"]) connectors[name] = await environment.process(name, env);
    });
    onTestFinished(() => linked.close());
    const first = String((await linked.owner()).owner);
    const second = first === "a" ? "b" : "a";
    const [stopped, killed] = [connectors[first], connectors[second]];
    if (!stopped || !killed) throw new Error("no connector owns the session");

    await expectTakeover(environment, linked, { from: stopped, to: second, isKilled: false });
    await environment.process(first, { ...envOf(linked), LEASE_MS: String(leaseMs) });
    await expectTakeover(environment, linked, { from: killed, to: first, isKilled: true });
  });

  test("is restored from its archive when its connector was killed and its disk is lost", async ({
    environment,
    onTestFinished,
  }) => {
    environment.takeJobs();
    const PROFILE_ENCRYPTION_KEY = newKey();
    const machine = (name: string) => ({
      PROFILE_DIRECTORY: join(environment.directory, name),
      PROFILE_ENCRYPTION_KEY,
      LEASE_MS: String(leaseMs),
    });
    let killed: ConnectorProcess | undefined;
    const linked = await LinkedBrowser.link(environment, async (env) => {
      killed = await environment.process("killed", { ...env, ...machine("killed"), PROFILE_ARCHIVE_IDLE_MS: "500" });
    });
    onTestFinished(() => linked.close());
    if (!killed) throw new Error("no connector was started");
    await linked.status("reconnecting"); // the engine is stopped while its profile is archived
    await linked.status("connected");
    await environment.process("next", { ...envOf(linked), ...machine("next") });
    const [lost, owner] = [join(environment.directory, "killed"), await linked.owner()];
    expect(owner).toEqual({ owner: "killed", generation: 1 });
    const kill = killed.kill;
    const from = { ...killed, kill: async () => kill().then(() => rm(lost, { recursive: true })) };
    await expectTakeover(environment, linked, { from, to: "next", isKilled: true });
  });
});

const envOf = ({ standIn }: LinkedBrowser) => ({ WHATSAPP_WEB_STAND_IN: standIn.address });
