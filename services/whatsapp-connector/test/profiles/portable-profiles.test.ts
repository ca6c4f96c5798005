import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { archived, login, readFiles, stampIn, test, writeFiles } from "../support/profiles.ts";

describe("a profile that was archived", () => {
  test("is what the next owner has, on a machine that never saw it", async ({ world }) => {
    const { session } = await archived(world);
    const { profile, refusal } = await world.machine("b").claim(session);
    expect(refusal).toBeUndefined();
    expect(await login(profile.directory)).toBe("linked on a");
    expect(await stampIn(profile.directory)).toEqual({ generation: 1, sequence: 1 });
    const { mode } = await stat(join(profile.directory, "chromium/Default/IndexedDB/login"));
    expect(mode & 0o077).toBe(0);
  });

  test("comes back byte by byte, with empty files and folders, over many chunks", async ({ world }) => {
    const session = await world.session();
    const { profile } = await world.machine("a").claim(session);
    const files = {
      "large.bin": randomBytes(1_000_001),
      "exactly-one-chunk.bin": randomBytes(65_536),
      empty: "",
      "Default/ação 📷.log": "x",
      ["long/".repeat(30) + "name".repeat(20)]: "deep",
    };
    await writeFiles(profile.directory, files);
    await mkdir(join(profile.directory, "Default/Local Storage"), { recursive: true });
    profile.saw("connected");
    expect(await profile.archive(10_000)).toBe(true);
    const before = await readFiles(profile.directory);
    const restored = await world.machine("b").claim(session);
    expect(await readFiles(restored.profile.directory)).toEqual(before);
    expect((await stat(join(restored.profile.directory, "Default/Local Storage"))).isDirectory()).toBe(true);
  });

  test("carries no caches, no locks of another machine, no links, and nothing readable", async ({ world }) => {
    const session = await world.session();
    const { profile } = await world.machine("a").claim(session);
    await writeFiles(profile.directory, {
      "chromium/Default/Cache/Cache_Data/f_1": "cache",
      "chromium/Default/Code Cache/js/1": "cache",
      "chromium/Default/Service Worker/CacheStorage/1": "cache",
      "chromium/GrShaderCache/1": "cache",
      "chromium/SingletonCookie": "lock",
      "chromium/Default/Local Storage/leveldb/000003.log": "kept-in-clear",
    });
    await symlink("machine-a-4711", join(profile.directory, "chromium/SingletonLock"));
    await symlink("/etc/passwd", join(profile.directory, "chromium/Default/link"));
    profile.saw("connected");
    await profile.archive(10_000);
    const [archive = ""] = await world.stored(session);
    expect((await readFile(archive)).includes("kept-in-clear")).toBe(false);
    const restored = await world.machine("b").claim(session);
    expect(Object.keys(await readFiles(restored.profile.directory))).toEqual([
      "chromium/Default/Local Storage/leveldb/000003.log",
      "profile-stamp.json",
    ]);
  });

  test("is replaced by the next one, and only the newest stays in the store", async ({ world }) => {
    const { session, profile } = await archived(world);
    await writeFiles(profile.directory, { "chromium/Default/IndexedDB/login": "later" });
    await profile.archive(10_000);
    expect(await world.stored(session)).toHaveLength(1);
    const { profile: restored } = await world.machine("b").claim(session);
    expect(await login(restored.directory)).toBe("later");
    expect(await stampIn(restored.directory)).toEqual({ generation: 1, sequence: 2 });
  });
});

describe("a restore", () => {
  test("never replaces a newer profile: neither one used under a later lease, nor an equal one", async ({ world }) => {
    const { session, a } = await archived(world);
    // Used again on a, and killed before anything was archived.
    const second = await a.claim(session);
    await writeFiles(second.profile.directory, { "chromium/Default/IndexedDB/login": "newer on a" });
    second.profile.saw("connected");
    await second.profile.archive(0); // waits for the stamp, and is itself out of time
    expect(await world.find(session)).toMatchObject({ generation: 1, sequence: 1 });
    const third = await a.claim(session);
    expect(await login(third.profile.directory)).toBe("newer on a");

    const other = await archived(world, "archived");
    await writeFiles(other.profile.directory, { "chromium/Default/IndexedDB/login": "equal, and here" });
    const again = await other.a.claim(other.session);
    expect(await login(again.profile.directory)).toBe("equal, and here");
  });

  test("replaces an older profile", async ({ world }) => {
    const { session, a } = await archived(world);
    const b = await world.machine("b").claim(session);
    await writeFiles(b.profile.directory, { "chromium/Default/IndexedDB/login": "went on on b" });
    b.profile.saw("connected");
    await b.profile.close({ detail: "reconnecting", isEngineGone: true });
    const back = await a.claim(session);
    expect(await login(back.profile.directory)).toBe("went on on b");
    expect(await stampIn(back.profile.directory)).toEqual({ generation: 2, sequence: 1 });
  });

  test("leaves a directory whose stamp can't be read", async ({ world }) => {
    const { session, a, profile } = await archived(world);
    await writeFile(join(profile.directory, "profile-stamp.json"), "{");
    await writeFiles(profile.directory, { "chromium/Default/IndexedDB/login": "who knows" });
    expect(await login((await a.claim(session)).profile.directory)).toBe("who knows");
  });

  test.for(["before", "between", "after"] as const)(
    "that was killed %s the renames leaves one whole profile",
    async (when, { world }) => {
      const { session } = await archived(world);
      const b = world.machine("b");
      const directory = join(b.directory, session.sessionId);
      await writeFiles(directory, { "chromium/Default/IndexedDB/login": "old on b" });
      await writeFiles(directory, { "profile-stamp.json": JSON.stringify({ generation: 9, sequence: 0 }) });
      // What is on disk at each of the three moments.
      await cp(directory, `${directory}.restoring`, { recursive: true });
      await writeFiles(`${directory}.restoring`, { "chromium/Default/IndexedDB/login": "half" });
      if (when !== "before") await rename(directory, `${directory}.superseded`);
      if (when === "after") await rename(`${directory}.restoring`, directory);
      const { profile } = await b.claim(session);
      expect(await login(profile.directory)).toBe(when === "after" ? "half" : "old on b");
      expect(Object.keys(await readFiles(b.directory)).filter((name) => /restoring|superseded/.test(name))).toEqual([]);
    },
  );

  test("that can't reach the store is no reason to start without the profile", async ({ world }) => {
    const { session } = await archived(world);
    const store = { ...world.store, open: () => Promise.reject(new Error("the store is away")) };
    const b = world.machine("b", { store });
    await expect(b.claim(session)).rejects.toThrow("the store is away");
    expect(await readFiles(b.directory)).toEqual({});
  });
});

describe("nothing is archived", () => {
  test("of a phone that is not linked, or was unlinked", async ({ world }) => {
    const session = await world.session();
    const { profile } = await world.machine("a").claim(session);
    await writeFiles(profile.directory, { "chromium/x": "a code was shown" });
    profile.saw("qr");
    await profile.close({ detail: "stopped", isEngineGone: true });
    profile.saw("connected");
    profile.saw("logged_out");
    await profile.close({ detail: "stopped", isEngineGone: true });
    expect(await world.find(session)).toBeUndefined();
  });

  test("after an engine broke", async ({ world }) => {
    const session = await world.session();
    const { profile } = await world.machine("a").claim(session);
    await writeFiles(profile.directory, { "chromium/x": "perhaps broken" });
    profile.saw("connected");
    await profile.close({ detail: "failed", isEngineGone: true });
    expect(await world.find(session)).toBeUndefined();
  });

  test("by an owner that another one followed, and the other's archive stays", async ({ world }) => {
    const { session, profile } = await archived(world);
    const b = await world.machine("b").claim(session);
    b.profile.saw("connected");
    await b.profile.archive(10_000);
    expect(await profile.archive(10_000)).toBe(false);
    expect(await world.find(session)).toMatchObject({ generation: 2, sequence: 1 });
    expect(await world.stored(session)).toHaveLength(1);
  });

  test("that is too large, and what is here stays newer than what was archived", async ({ world }) => {
    const { session, a } = await archived(world);
    const small = world.machine("a", { limitBytes: 1_000 });
    const { profile } = await small.claim(session);
    await writeFiles(profile.directory, { "chromium/large": "x".repeat(2_000) });
    profile.saw("connected");
    expect(await profile.archive(10_000)).toBe(false);
    expect(await world.find(session)).toMatchObject({ generation: 1, sequence: 1 });
    expect(await world.stored(session)).toHaveLength(1);
    const again = await a.claim(session);
    expect(Object.keys(await readFiles(again.profile.directory))).toContain("chromium/large");
  });

  test("without a key", async ({ world }) => {
    const session = await world.session();
    const { profile } = await world.machine("a", { key: undefined }).claim(session);
    await writeFiles(profile.directory, { "chromium/x": "linked" });
    profile.saw("connected");
    expect(await profile.archive(10_000)).toBe(false);
    expect(await world.stored(session)).toEqual([]);
  });
});

describe("a profile that was forgotten", () => {
  test("is gone from the store and comes back nowhere, also where a copy had stayed", async ({ world }) => {
    const { session, a } = await archived(world);
    const b = world.machine("b");
    const { profile, lease } = await b.claim(session);
    profile.saw("connected");
    await profile.archive(10_000);
    await b.profiles.forgetProfile(lease);
    await rm(profile.directory, { recursive: true }); // its caller's part
    expect(await world.stored(session)).toEqual([]);

    const back = await a.claim(session);
    expect(back.refusal).toBeUndefined();
    expect(await readFiles(back.profile.directory)).toEqual({});
  });

  test("does not hinder the next link", async ({ world }) => {
    const { session, a, lease } = await archived(world);
    await a.profiles.forgetProfile(lease);
    const again = await a.claim(session);
    await writeFiles(again.profile.directory, { "chromium/Default/IndexedDB/login": "linked anew" });
    again.profile.saw("connected");
    await again.profile.archive(10_000);
    expect(await login((await world.machine("b").claim(session)).profile.directory)).toBe("linked anew");
  });
});
