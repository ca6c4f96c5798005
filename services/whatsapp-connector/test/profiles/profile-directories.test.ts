import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test, type World } from "../support/world.ts";

const directoryOf = (world: World, id: string) => join(world.directory, "profiles", id);
const directoryExists = (world: World, id: string) => existsSync(directoryOf(world, id));
/** Removes a session like the REST API, but without notifying its owner. */
const remove = (world: World, companyId: string, session: Session) =>
  world.db.withCompany(companyId, async ({ sessions }) => {
    await sessions.setDesiredState(session.id, "stopped");
    await sessions.remove(session.id);
  });
const captureLog = () => {
  const lines: { msg: string; sessionId?: string; why?: string }[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ service: "test", level: "info", destination }) };
};

describe("a profile directory", () => {
  test("stays when its session is stopped, and is removed and logged at a logout", async ({ world }) => {
    const companyId = await world.company();
    const { lines, log } = captureLog();
    const engine = new ScriptedEngine();
    await world.connector("a", { ...scripted(engine), log });
    const session = await world.session(companyId);
    await world.status(session.id, "connected");
    await world.want(session, companyId, "stopped");
    await world.status(session.id, "stopped");
    expect(directoryExists(world, session.id)).toBe(true);
    expect(lines.map(({ msg }) => msg)).not.toContain("profile wiped");

    await world.want(session, companyId, "running");
    await world.status(session.id, "connected");
    await world.publisher.command(companyId, { kind: "log_out", sessionId: session.id });
    await world.status(session.id, "logged_out");
    expect(directoryExists(world, session.id)).toBe(false);
    const wiped = lines.filter(({ msg }) => msg === "profile wiped");
    expect(wiped).toMatchObject([{ sessionId: session.id, why: "logged out" }]);
  });

  test("is removed with its session", async ({ world }) => {
    const companyId = await world.company();
    await world.connector("a", scripted(new ScriptedEngine()));
    const [session, other] = [await world.session(companyId), await world.session(companyId)];
    await world.status(session.id, "connected");
    await world.status(other.id, "connected");
    await remove(world, companyId, session);
    await world.publisher.wake();
    await expect.poll(() => directoryExists(world, session.id), { timeout: 10_000 }).toBe(false);
    expect(directoryExists(world, other.id)).toBe(true);
  });

  test("is removed at the next start if its session was removed meanwhile; others stay", async ({ world }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", scripted(new ScriptedEngine()));
    const [removed, stopped] = [await world.session(companyId), await world.session(companyId)];
    const held = await world.session(companyId);
    for (const { id } of [removed, stopped, held]) await world.status(id, "connected");
    await world.want(stopped, companyId, "stopped");
    await world.status(stopped.id, "stopped");
    await connector.stop();
    await remove(world, companyId, removed);
    await remove(world, companyId, held);
    await world.sql(
      "update session_leases set owner = 'b', lease_until = now() + interval '1 hour' where session_id = $1",
      [held.id],
    );
    const unknown = randomUUID();
    await mkdir(directoryOf(world, unknown));
    await writeFile(directoryOf(world, "notes.txt"), "");

    await world.connector("a", scripted(new ScriptedEngine()));
    await expect.poll(() => directoryExists(world, removed.id), { timeout: 10_000 }).toBe(false);
    for (const id of [stopped.id, held.id, unknown, "notes.txt"]) expect(directoryExists(world, id), id).toBe(true);
  });

  test("fails the session at once if it can't be written", async ({ world }) => {
    const companyId = await world.company();
    const file = join(world.directory, "a-file");
    await writeFile(file, "");
    const engine = new ScriptedEngine();
    await world.connector("a", { ...scripted(engine), env: { PROFILE_DIRECTORY: file } });
    const { id } = await world.session(companyId);
    expect((await world.status(id, "failed")).reason).toBe("profile_not_writable");
    expect(engine.starts.all).toEqual([]);
  });
});
