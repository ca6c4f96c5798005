import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { describe, expect, vi } from "vitest";
import { newKey } from "../support/profiles.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const key = newKey();
/** Settings of a connector on a separate machine: only the media store is shared. */
const machine = (environment: TestEnvironment, name: string, more: NodeJS.ProcessEnv = {}) => ({
  PROFILE_DIRECTORY: join(environment.directory, `profiles-of-${name}`),
  PROFILE_ENCRYPTION_KEY: key,
  ...more,
});
const codes = (environment: TestEnvironment) =>
  environment.events.all.filter(({ event }) => event.type === "qr_code").length;

async function linkedOn(environment: TestEnvironment, name: string) {
  const companyId = await environment.company();
  const connector = await environment.connector(name, { env: machine(environment, name) });
  const session = await environment.session(companyId);
  await environment.status(session.id, "connected");
  const { phoneNumber } = Session.parse(await environment.find(companyId, session.id));
  return { companyId, connector, session, phoneNumber };
}

const connected = async (environment: TestEnvironment, companyId: string, sessionId: string) => {
  await environment.status(sessionId, "connected");
  return Session.parse(await environment.find(companyId, sessionId));
};
/** Guards against hanging only. */
const guard = { timeout: 60_000 };
const archivedOnce = (environment: TestEnvironment, sessionId: string) =>
  vi.waitUntil(async () => {
    const [row] = await environment.sql("select generation, sequence from session_profiles where session_id = $1", [
      sessionId,
    ]);
    return row && { generation: Number(row.generation), sequence: Number(row.sequence) };
  }, guard);

describe("a session whose connector's disk is not available", () => {
  test("connects on another machine without a new code", async ({ environment }) => {
    const { companyId, connector, session, phoneNumber } = await linkedOn(environment, "a");
    await connector.stop();
    await rm(join(environment.directory, "profiles-of-a"), { recursive: true });
    const codesBefore = codes(environment);

    await environment.connector("b", { env: machine(environment, "b", { SIMULATOR_SCAN_AFTER_MS: "0" }) });
    await environment.status(session.id, "starting");
    await environment.status(session.id, "connected");
    expect(Session.parse(await environment.find(companyId, session.id))).toMatchObject({ phoneNumber });
    expect(codes(environment)).toBe(codesBefore);
  });

  test("shows a code with the reason when the archive cannot be decrypted", async ({ environment }) => {
    const { connector, session } = await linkedOn(environment, "a");
    await connector.stop();
    const env = machine(environment, "b", { SIMULATOR_SCAN_AFTER_MS: "0", PROFILE_ENCRYPTION_KEY: newKey() });
    await environment.connector("b", { env });
    const told = await environment.event("session_status", ({ data }) => data.reason === "profile_refused");
    expect(told.event.data).toMatchObject({
      detail: "starting",
      reason: "profile_refused",
    });
    await environment.status(session.id, "qr");
  });

  test("waits without showing a code while the media store is not available", async ({ environment }) => {
    const { connector, session } = await linkedOn(environment, "a");
    await connector.stop();
    const folder = join(environment.directory, "media", "private");
    const codesBefore = codes(environment);
    // A file in place of the folder makes every read fail with an error other than "not found".
    await rename(folder, `${folder}-away`);
    await writeFile(folder, "");
    await environment.connector("b", { env: machine(environment, "b", { SIMULATOR_SCAN_AFTER_MS: "0" }) });
    const told = await environment.event("session_status", ({ data }) => data.reason === "profile_unreachable");
    expect(told.event.data).toMatchObject({ detail: "reconnecting" });
    await rm(folder);
    await rename(`${folder}-away`, folder);
    await environment.status(session.id, "connected");
    expect(codes(environment)).toBe(codesBefore);
  });

  test("archives nothing without an encryption key", async ({ environment }) => {
    const companyId = await environment.company();
    const env = { PROFILE_DIRECTORY: join(environment.directory, "profiles-of-a") };
    const connector = await environment.connector("a", { env });
    const session = await environment.session(companyId);
    await environment.status(session.id, "connected");
    await connector.stop();
    await mkdir(join(environment.directory, "media"), { recursive: true });
    expect(await readdir(join(environment.directory, "media"))).not.toContain("private");
  });

  test("is restored from the archive made while it ran when its machine is lost", async ({ environment }) => {
    const companyId = await environment.company();
    const times = { archive: { everyMs: 30 } };
    await environment.connector("a", { env: machine(environment, "a"), times });
    const session = await environment.session(companyId);
    const { phoneNumber } = await connected(environment, companyId, session.id);
    await archivedOnce(environment, session.id);
    await environment.expireLease(session.id); // as if connector a had been gone for long
    const env = machine(environment, "b", { SIMULATOR_SCAN_AFTER_MS: "0" });
    await environment.connector("b", { env, times: { lease: { trustAfterMs: 0 } } });
    await environment.status(session.id, "starting");
    expect(await connected(environment, companyId, session.id)).toMatchObject({ phoneNumber });
    expect(codes(environment)).toBeLessThanOrEqual(1);
  });

  test("stops an idle engine while its profile is copied, when it cannot be copied while it runs", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    const archive = { everyMs: 3_600_000, idleMs: 10 };
    await environment.connector("a", { ...scripted(engine), env: machine(environment, "a"), times: { archive } });
    const session = await environment.session(companyId);
    await engine.starts.next();
    await engine.stops.next();
    await engine.starts.next();
    const told = await environment.event("session_status", ({ data }) => data.reason === "profile_archiving");
    expect(told.event.data).toMatchObject({ sessionId: session.id, detail: "reconnecting" });
    expect(await archivedOnce(environment, session.id)).toEqual({ generation: 1, sequence: 1 });
  });
});
