import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { describe, expect } from "vitest";
import { ProfileDirectories } from "../../src/session/profile-directories.ts";
import { archived, newKey, type ProfileFixture, test as profileTest, writeFiles } from "../support/profiles.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test as worldTest } from "../support/test-environment.ts";

const captureLog = () => {
  const lines: { msg: string; sessionId?: string; why?: string; removed?: number }[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ service: "test", level: "info", destination }) };
};

describe("a removed session's profile", () => {
  worldTest(
    "is removed from the store while its connector is stopped, and from the connector's disk after its start",
    async ({ environment }) => {
      const companyId = await environment.company();
      const key = newKey();
      const env = (name: string) => ({
        PROFILE_DIRECTORY: join(environment.directory, `disk-of-${name}`),
        PROFILE_ENCRYPTION_KEY: key,
      });
      const away = await environment.connector("away", { ...scripted(new ScriptedEngine()), env: env("away") });
      const [removed, kept] = [await environment.session(companyId), await environment.session(companyId)];
      for (const { id } of [removed, kept]) await environment.status(id, "connected");
      await away.stop();
      const folder = join(environment.directory, "media", "private", "profiles", companyId);
      const archives = (id: string) => readdir(join(folder, id)).catch(() => []);
      expect(await archives(removed.id)).toHaveLength(1);
      await environment.db.withCompany(companyId, ({ sessions }) => sessions.remove(removed.id));

      const { lines, log } = captureLog();
      const other = await environment.connector("other", { ...scripted(new ScriptedEngine()), env: env("other"), log });
      await expect.poll(() => archives(removed.id), { timeout: 60_000 }).toEqual([]);
      await expect
        .poll(() => lines, { timeout: 60_000 })
        .toContainEqual(expect.objectContaining({ msg: "profile wiped", sessionId: removed.id, why: "removed" }));
      expect(await archives(kept.id)).toHaveLength(1);
      await other.stop();

      const directory = (id: string) => join(environment.directory, "disk-of-away", id);
      expect(existsSync(directory(removed.id))).toBe(true);
      await environment.connector("away", { ...scripted(new ScriptedEngine()), env: env("away") });
      await expect.poll(() => existsSync(directory(removed.id)), { timeout: 60_000 }).toBe(false);
      expect(existsSync(directory(kept.id))).toBe(true);
    },
  );
});

describe("archives of a forgotten profile", () => {
  profileTest(
    "are removed by a later sweep if the store was unavailable, and then not searched again",
    async ({ fixture }) => {
      const { session, lease } = await archived(fixture);
      const broken = { ...fixture.store, list: () => Promise.reject(new Error("the store is unavailable")) };
      const { lines, sweeper } = createSweeper(fixture);
      await expect(fixture.machine("a", { store: broken }).profiles.forgetProfile(lease)).rejects.toThrow(
        "unavailable",
      );
      expect(await fixture.stored(session)).toHaveLength(1);

      await sweeper.sweep();
      expect(await fixture.stored(session)).toEqual([]);
      expect(lines).toContainEqual(expect.objectContaining({ msg: "archived profile removed", removed: 1 }));
      lines.length = 0;
      await sweeper.sweep();
      expect(lines).toEqual([]);
    },
  );

  profileTest("do not include the archives of the next link", async ({ fixture }) => {
    const { session, a, lease } = await archived(fixture);
    const broken = { ...fixture.store, list: () => Promise.reject(new Error("the store is unavailable")) };
    await expect(fixture.machine("a", { store: broken }).profiles.forgetProfile(lease)).rejects.toThrow("unavailable");
    const again = await a.claim(session);
    await writeFiles(again.profile.directory, { "chromium/Default/IndexedDB/login": "linked again" });
    again.profile.onEngineState("connected");
    await again.profile.archive(10_000);
    await createSweeper(fixture).sweeper.sweep();
    const kept = await fixture.stored(session);
    expect(kept.map((path) => path.split("/").at(-1))).toEqual([expect.stringMatching(/^2-1-/)]);
    await a.profiles.removeArchives(lease);
    expect(await fixture.stored(session)).toEqual(kept);
  });

  profileTest("of a removed session stay while a connector runs it, and are removed once", async ({ fixture }) => {
    const { session } = await archived(fixture);
    const { lines, sweeper } = createSweeper(fixture);
    await fixture.sql("update whatsapp_sessions set removed_at = now() where id = $1", [session.sessionId]);
    await fixture.sql("update session_leases set lease_until = now() + interval '1 hour' where session_id = $1", [
      session.sessionId,
    ]);
    await sweeper.sweep();
    expect(await fixture.stored(session)).toHaveLength(1);
    await fixture.sql("update session_leases set lease_until = now() where session_id = $1", [session.sessionId]);
    await sweeper.sweep();
    expect(await fixture.stored(session)).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "profile wiped")).toHaveLength(1);
    await sweeper.sweep();
    expect(lines.filter(({ msg }) => msg === "profile wiped")).toHaveLength(1);
  });
});

/** The sweeper of a connector that has none of the profile directories. */
function createSweeper(fixture: ProfileFixture) {
  const { lines, log } = captureLog();
  const { leases, forgottenProfiles: forgotten } = fixture.db.system;
  const { directory, profiles } = fixture.machine("elsewhere", { log });
  return { lines, sweeper: new ProfileDirectories({ directory, profiles, leases, forgotten, log }) };
}
