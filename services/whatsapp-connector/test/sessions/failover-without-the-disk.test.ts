import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { describe, expect, vi } from "vitest";
import { newKey } from "../support/profiles.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test, type World } from "../support/world.ts";

const key = newKey();
/** Settings of a connector on a separate machine: only the media store is shared. */
const machine = (world: World, name: string, more: NodeJS.ProcessEnv = {}) => ({
  PROFILE_DIRECTORY: join(world.directory, `profiles-of-${name}`),
  PROFILE_ENCRYPTION_KEY: key,
  ...more,
});
const codes = (world: World) => world.heard.all.filter(({ event }) => event.type === "qr_code").length;

async function linkedOn(world: World, name: string) {
  const companyId = await world.company();
  const connector = await world.connector(name, { env: machine(world, name) });
  const session = await world.session(companyId);
  await world.status(session.id, "connected");
  const { phoneNumber } = Session.parse(await world.find(companyId, session.id));
  return { companyId, connector, session, phoneNumber };
}

const connected = async (world: World, companyId: string, sessionId: string) => {
  await world.status(sessionId, "connected");
  return Session.parse(await world.find(companyId, sessionId));
};
const archivedOnce = (world: World, sessionId: string) =>
  vi.waitUntil(async () => {
    const [row] = await world.sql("select generation, sequence from session_profiles where session_id = $1", [
      sessionId,
    ]);
    return row && { generation: Number(row.generation), sequence: Number(row.sequence) };
  });

describe("a session whose connector's disk is not available", () => {
  test("connects on another machine without a new code", async ({ world }) => {
    const { companyId, connector, session, phoneNumber } = await linkedOn(world, "a");
    await connector.stop();
    await rm(join(world.directory, "profiles-of-a"), { recursive: true });
    const codesBefore = codes(world);

    await world.connector("b", { env: machine(world, "b", { SIMULATOR_SCAN_AFTER_MS: "0" }) });
    await world.status(session.id, "starting");
    await world.status(session.id, "connected");
    expect(Session.parse(await world.find(companyId, session.id))).toMatchObject({ phoneNumber });
    expect(codes(world)).toBe(codesBefore);
  });

  test("shows a code with the reason when the archive cannot be decrypted", async ({ world }) => {
    const { connector, session } = await linkedOn(world, "a");
    await connector.stop();
    const env = machine(world, "b", { SIMULATOR_SCAN_AFTER_MS: "0", PROFILE_ENCRYPTION_KEY: newKey() });
    await world.connector("b", { env });
    const told = await world.event("session_status", ({ data }) => data.reason === "profile_refused");
    expect(told.event.data).toMatchObject({
      detail: "starting",
      reason: "profile_refused",
    });
    await world.status(session.id, "qr");
  });

  test("waits without showing a code while the media store is not available", async ({ world }) => {
    const { connector, session } = await linkedOn(world, "a");
    await connector.stop();
    const folder = join(world.directory, "media", "private");
    const codesBefore = codes(world);
    // A file in place of the folder makes every read fail with an error other than "not found".
    await rename(folder, `${folder}-away`);
    await writeFile(folder, "");
    await world.connector("b", { env: machine(world, "b", { SIMULATOR_SCAN_AFTER_MS: "0" }) });
    const told = await world.event("session_status", ({ data }) => data.reason === "profile_unreachable");
    expect(told.event.data).toMatchObject({ detail: "reconnecting" });
    await rm(folder);
    await rename(`${folder}-away`, folder);
    await world.status(session.id, "connected");
    expect(codes(world)).toBe(codesBefore);
  });

  test("archives nothing without an encryption key", async ({ world }) => {
    const companyId = await world.company();
    const env = { PROFILE_DIRECTORY: join(world.directory, "profiles-of-a") };
    const connector = await world.connector("a", { env });
    const session = await world.session(companyId);
    await world.status(session.id, "connected");
    await connector.stop();
    await mkdir(join(world.directory, "media"), { recursive: true });
    expect(await readdir(join(world.directory, "media"))).not.toContain("private");
  });

  test("is restored from the archive made while it ran when its machine is lost", async ({ world }) => {
    const companyId = await world.company();
    const times = { archive: { everyMs: 30 } };
    await world.connector("a", { env: machine(world, "a"), times });
    const session = await world.session(companyId);
    const { phoneNumber } = await connected(world, companyId, session.id);
    await archivedOnce(world, session.id);
    await world.expireLease(session.id); // as if connector a had been gone for long
    const env = machine(world, "b", { SIMULATOR_SCAN_AFTER_MS: "0" });
    await world.connector("b", { env, times: { lease: { trustAfterMs: 0 } } });
    await world.status(session.id, "starting");
    expect(await connected(world, companyId, session.id)).toMatchObject({ phoneNumber });
    expect(codes(world)).toBeLessThanOrEqual(1);
  });

  test("stops an idle engine while its profile is copied, when it cannot be copied while it runs", async ({
    world,
  }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    const archive = { everyMs: 3_600_000, idleMs: 10 };
    await world.connector("a", { ...scripted(engine), env: machine(world, "a"), times: { archive } });
    const session = await world.session(companyId);
    await engine.starts.next();
    await engine.stops.next();
    await engine.starts.next();
    const told = await world.event("session_status", ({ data }) => data.reason === "profile_archiving");
    expect(told.event.data).toMatchObject({ sessionId: session.id, detail: "reconnecting" });
    expect(await archivedOnce(world, session.id)).toEqual({ generation: 1, sequence: 1 });
  });
});
