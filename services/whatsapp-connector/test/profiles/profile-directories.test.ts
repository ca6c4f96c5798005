import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const directoryOf = (environment: TestEnvironment, id: string) => join(environment.directory, "profiles", id);
const directoryExists = (environment: TestEnvironment, id: string) => existsSync(directoryOf(environment, id));
/** Removes a session like the REST API, but without notifying its owner. */
const remove = (environment: TestEnvironment, companyId: string, session: Session) =>
  environment.db.withCompany(companyId, async ({ sessions }) => {
    await sessions.setDesiredState(session.id, "stopped");
    await sessions.remove(session.id);
  });
const captureLog = () => {
  const lines: { msg: string; sessionId?: string; why?: string }[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ service: "test", level: "info", destination }) };
};

describe("a profile directory", () => {
  test("stays when its session is stopped, and is removed and logged at a logout", async ({ environment }) => {
    const companyId = await environment.company();
    const { lines, log } = captureLog();
    const engine = new ScriptedEngine();
    await environment.connector("a", { ...scripted(engine), log });
    const session = await environment.session(companyId);
    await environment.status(session.id, "connected");
    await environment.want(session, companyId, "stopped");
    await environment.status(session.id, "stopped");
    expect(directoryExists(environment, session.id)).toBe(true);
    expect(lines.map(({ msg }) => msg)).not.toContain("profile wiped");

    await environment.want(session, companyId, "running");
    await environment.status(session.id, "connected");
    await environment.publisher.command(companyId, { kind: "log_out", sessionId: session.id });
    await environment.status(session.id, "logged_out");
    expect(directoryExists(environment, session.id)).toBe(false);
    const wiped = lines.filter(({ msg }) => msg === "profile wiped");
    expect(wiped).toMatchObject([{ sessionId: session.id, why: "logged out" }]);
  });

  test("is removed with its session", async ({ environment }) => {
    const companyId = await environment.company();
    await environment.connector("a", scripted(new ScriptedEngine()));
    const [session, other] = [await environment.session(companyId), await environment.session(companyId)];
    await environment.status(session.id, "connected");
    await environment.status(other.id, "connected");
    await remove(environment, companyId, session);
    await environment.publisher.wake();
    await expect.poll(() => directoryExists(environment, session.id), { timeout: 60_000 }).toBe(false);
    expect(directoryExists(environment, other.id)).toBe(true);
  });

  test("is removed at the next start if its session was removed meanwhile; others stay", async ({ environment }) => {
    const companyId = await environment.company();
    const connector = await environment.connector("a", scripted(new ScriptedEngine()));
    const [removed, stopped] = [await environment.session(companyId), await environment.session(companyId)];
    const held = await environment.session(companyId);
    for (const { id } of [removed, stopped, held]) await environment.status(id, "connected");
    await environment.want(stopped, companyId, "stopped");
    await environment.status(stopped.id, "stopped");
    await connector.stop();
    await remove(environment, companyId, removed);
    await remove(environment, companyId, held);
    await environment.sql(
      "update session_leases set owner = 'b', lease_until = now() + interval '1 hour' where session_id = $1",
      [held.id],
    );
    const unknown = randomUUID();
    await mkdir(directoryOf(environment, unknown));
    await writeFile(directoryOf(environment, "notes.txt"), "");

    await environment.connector("a", scripted(new ScriptedEngine()));
    await expect.poll(() => directoryExists(environment, removed.id), { timeout: 60_000 }).toBe(false);
    for (const id of [stopped.id, held.id, unknown, "notes.txt"])
      expect(directoryExists(environment, id), id).toBe(true);
  });

  test("fails the session at once if it can't be written", async ({ environment }) => {
    const companyId = await environment.company();
    const file = join(environment.directory, "a-file");
    await writeFile(file, "");
    const engine = new ScriptedEngine();
    await environment.connector("a", { ...scripted(engine), env: { PROFILE_DIRECTORY: file } });
    const { id } = await environment.session(companyId);
    expect((await environment.status(id, "failed")).reason).toBe("profile_not_writable");
    expect(engine.starts.all).toEqual([]);
  });
});
