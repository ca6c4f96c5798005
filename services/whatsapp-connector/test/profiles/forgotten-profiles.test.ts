import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { describe, expect } from "vitest";
import { ProfileDirectories } from "../../src/session/profile-directories.ts";
import { archived, newKey, type ProfileWorld, test as profileTest, writeFiles } from "../support/profiles.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test as worldTest } from "../support/world.ts";

const logged = () => {
  const lines: { msg: string; sessionId?: string; why?: string; removed?: number }[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { lines, log: createLogger({ service: "test", level: "info", destination }) };
};

describe("a removed session's profile", () => {
  worldTest(
    "goes from the store although its only connector is away, and from that one's disk when it is back",
    async ({ world }) => {
      const companyId = await world.company();
      const key = newKey();
      const env = (name: string) => ({
        PROFILE_DIRECTORY: join(world.directory, `disk-of-${name}`),
        PROFILE_ENCRYPTION_KEY: key,
      });
      const away = await world.connector("away", { ...scripted(new ScriptedEngine()), env: env("away") });
      const [removed, kept] = [await world.session(companyId), await world.session(companyId)];
      for (const { id } of [removed, kept]) await world.status(id, "connected");
      await away.stop();
      const folder = join(world.directory, "media", "private", "profiles", companyId);
      const archives = (id: string) => readdir(join(folder, id)).catch(() => []);
      expect(await archives(removed.id)).toHaveLength(1);
      await world.db.withCompany(companyId, ({ sessions }) => sessions.remove(removed.id));

      const { lines, log } = logged();
      const other = await world.connector("other", { ...scripted(new ScriptedEngine()), env: env("other"), log });
      await expect.poll(() => archives(removed.id), { timeout: 10_000 }).toEqual([]);
      await expect
        .poll(() => lines, { timeout: 10_000 })
        .toContainEqual(expect.objectContaining({ msg: "profile wiped", sessionId: removed.id, why: "removed" }));
      expect(await archives(kept.id)).toHaveLength(1);
      await other.stop();

      const directory = (id: string) => join(world.directory, "disk-of-away", id);
      expect(existsSync(directory(removed.id))).toBe(true);
      await world.connector("away", { ...scripted(new ScriptedEngine()), env: env("away") });
      await expect.poll(() => existsSync(directory(removed.id)), { timeout: 10_000 }).toBe(false);
      expect(existsSync(directory(kept.id))).toBe(true);
    },
  );
});

describe("archives of a forgotten profile", () => {
  profileTest(
    "that the store did not give up are tried again, and then nobody looks for them any more",
    async ({ world }) => {
      const { session, lease } = await archived(world);
      const broken = { ...world.store, list: () => Promise.reject(new Error("the store is away")) };
      const { lines, sweeper } = sweeping(world);
      await expect(world.machine("a", { store: broken }).profiles.forgetProfile(lease)).rejects.toThrow("away");
      expect(await world.stored(session)).toHaveLength(1);

      await sweeper.sweep();
      expect(await world.stored(session)).toEqual([]);
      expect(lines).toContainEqual(expect.objectContaining({ msg: "archived profile forgotten", removed: 1 }));
      lines.length = 0;
      await sweeper.sweep();
      expect(lines).toEqual([]);
    },
  );

  profileTest("stay away from what the next link archived", async ({ world }) => {
    const { session, a, lease } = await archived(world);
    const broken = { ...world.store, list: () => Promise.reject(new Error("the store is away")) };
    await expect(world.machine("a", { store: broken }).profiles.forgetProfile(lease)).rejects.toThrow("away");
    const again = await a.claim(session);
    await writeFiles(again.profile.directory, { "chromium/Default/IndexedDB/login": "linked anew" });
    again.profile.saw("connected");
    await again.profile.archive(10_000);
    await sweeping(world).sweeper.sweep();
    const kept = await world.stored(session);
    expect(kept.map((path) => path.split("/").at(-1))).toEqual([expect.stringMatching(/^2-1-/)]);
    await a.profiles.removeArchives(lease);
    expect(await world.stored(session)).toEqual(kept);
  });

  profileTest("of a removed session stay while somebody runs it, and are wiped once", async ({ world }) => {
    const { session } = await archived(world);
    const { lines, sweeper } = sweeping(world);
    await world.sql("update whatsapp_sessions set removed_at = now() where id = $1", [session.sessionId]);
    await world.sql("update session_leases set lease_until = now() + interval '1 hour' where session_id = $1", [
      session.sessionId,
    ]);
    await sweeper.sweep();
    expect(await world.stored(session)).toHaveLength(1);
    await world.sql("update session_leases set lease_until = now() where session_id = $1", [session.sessionId]);
    await sweeper.sweep();
    expect(await world.stored(session)).toEqual([]);
    expect(lines.filter(({ msg }) => msg === "profile wiped")).toHaveLength(1);
    await sweeper.sweep();
    expect(lines.filter(({ msg }) => msg === "profile wiped")).toHaveLength(1);
  });
});

/** A connector that holds none of the directories. */
function sweeping(world: ProfileWorld) {
  const { lines, log } = logged();
  const { leases, forgottenProfiles: forgotten } = world.db.system;
  const { directory, profiles } = world.machine("elsewhere", { log });
  return { lines, sweeper: new ProfileDirectories({ directory, profiles, leases, forgotten, log }) };
}
