import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { archived, login, readFiles, stampIn, test, writeFiles } from "../support/profiles.ts";

describe("an archived profile", () => {
  test("is restored by the next owner on another machine", async ({ fixture }) => {
    const { session } = await archived(fixture);
    const { profile, refusal } = await fixture.machine("b").claim(session);
    expect(refusal).toBeUndefined();
    expect(await login(profile.directory)).toBe("linked on a");
    expect(await stampIn(profile.directory)).toEqual({ generation: 1, sequence: 1 });
    const { mode } = await stat(join(profile.directory, "chromium/Default/IndexedDB/login"));
    expect(mode & 0o077).toBe(0);
  });

  test("is restored byte for byte, with empty files and folders and over many chunks", async ({ fixture }) => {
    const session = await fixture.session();
    const { profile } = await fixture.machine("a").claim(session);
    const files = {
      "large.bin": randomBytes(1_000_001),
      "exactly-one-chunk.bin": randomBytes(65_536),
      empty: "",
      "Default/ação 📷.log": "x",
      ["long/".repeat(30) + "name".repeat(20)]: "deep",
    };
    await writeFiles(profile.directory, files);
    await mkdir(join(profile.directory, "Default/Local Storage"), { recursive: true });
    profile.onEngineState("connected");
    expect(await profile.archive(10_000)).toBe(true);
    const before = await readFiles(profile.directory);
    const restored = await fixture.machine("b").claim(session);
    expect(await readFiles(restored.profile.directory)).toEqual(before);
    expect((await stat(join(restored.profile.directory, "Default/Local Storage"))).isDirectory()).toBe(true);
  });

  test("contains no caches, locks or links, and no plain text", async ({ fixture }) => {
    const session = await fixture.session();
    const { profile } = await fixture.machine("a").claim(session);
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
    profile.onEngineState("connected");
    await profile.archive(10_000);
    const [archive = ""] = await fixture.stored(session);
    expect((await readFile(archive)).includes("kept-in-clear")).toBe(false);
    const restored = await fixture.machine("b").claim(session);
    expect(Object.keys(await readFiles(restored.profile.directory))).toEqual([
      "chromium/Default/Local Storage/leveldb/000003.log",
      "profile-stamp.json",
    ]);
  });

  test("is replaced by the next one, so that the store has only the newest", async ({ fixture }) => {
    const { session, profile } = await archived(fixture);
    await writeFiles(profile.directory, { "chromium/Default/IndexedDB/login": "later" });
    await profile.archive(10_000);
    expect(await fixture.stored(session)).toHaveLength(1);
    const { profile: restored } = await fixture.machine("b").claim(session);
    expect(await login(restored.directory)).toBe("later");
    expect(await stampIn(restored.directory)).toEqual({ generation: 1, sequence: 2 });
  });
});

describe("a restore", () => {
  test("never replaces a profile of a later lease or an equal one", async ({ fixture }) => {
    const { session, a } = await archived(fixture);
    // Used again on a, and killed before it was archived.
    const second = await a.claim(session);
    await writeFiles(second.profile.directory, { "chromium/Default/IndexedDB/login": "newer on a" });
    second.profile.onEngineState("connected");
    await second.profile.archive(0); // waits for the stamp, and then times out
    expect(await fixture.find(session)).toMatchObject({ generation: 1, sequence: 1 });
    const third = await a.claim(session);
    expect(await login(third.profile.directory)).toBe("newer on a");

    const other = await archived(fixture, "archived");
    await writeFiles(other.profile.directory, { "chromium/Default/IndexedDB/login": "equal, local" });
    const again = await other.a.claim(other.session);
    expect(await login(again.profile.directory)).toBe("equal, local");
  });

  test("replaces an older profile", async ({ fixture }) => {
    const { session, a } = await archived(fixture);
    const b = await fixture.machine("b").claim(session);
    await writeFiles(b.profile.directory, { "chromium/Default/IndexedDB/login": "continued on b" });
    b.profile.onEngineState("connected");
    await b.profile.close({ detail: "reconnecting", isEngineGone: true });
    const back = await a.claim(session);
    expect(await login(back.profile.directory)).toBe("continued on b");
    expect(await stampIn(back.profile.directory)).toEqual({ generation: 2, sequence: 1 });
  });

  test("keeps a directory whose stamp can't be read", async ({ fixture }) => {
    const { session, a, profile } = await archived(fixture);
    await writeFile(join(profile.directory, "profile-stamp.json"), "{");
    await writeFiles(profile.directory, { "chromium/Default/IndexedDB/login": "unknown age" });
    expect(await login((await a.claim(session)).profile.directory)).toBe("unknown age");
  });

  test.for(["before", "between", "after"] as const)(
    "that was killed %s the renames leaves one complete profile",
    async (when, { fixture }) => {
      const { session } = await archived(fixture);
      const b = fixture.machine("b");
      const directory = join(b.directory, session.sessionId);
      await writeFiles(directory, { "chromium/Default/IndexedDB/login": "old on b" });
      await writeFiles(directory, { "profile-stamp.json": JSON.stringify({ generation: 9, sequence: 0 }) });
      // The state of the disk at each of the three moments.
      await cp(directory, `${directory}.restoring`, { recursive: true });
      await writeFiles(`${directory}.restoring`, { "chromium/Default/IndexedDB/login": "half" });
      if (when !== "before") await rename(directory, `${directory}.superseded`);
      if (when === "after") await rename(`${directory}.restoring`, directory);
      const { profile } = await b.claim(session);
      expect(await login(profile.directory)).toBe(when === "after" ? "half" : "old on b");
      expect(Object.keys(await readFiles(b.directory)).filter((name) => /restoring|superseded/.test(name))).toEqual([]);
    },
  );

  test("rejects while the store is unavailable, so that the engine does not start without its profile", async ({
    fixture,
  }) => {
    const { session } = await archived(fixture);
    const store = { ...fixture.store, open: () => Promise.reject(new Error("the store is unavailable")) };
    const b = fixture.machine("b", { store });
    await expect(b.claim(session)).rejects.toThrow("the store is unavailable");
    expect(await readFiles(b.directory)).toEqual({});
  });
});

test("a profile is not restored after the session has ended", async ({ fixture }) => {
  const { session } = await archived(fixture);
  const { profile } = await fixture.machine("b").claim(session);
  await profile.close({ detail: "reconnecting", isEngineGone: true });
  await rm(profile.directory, { recursive: true });
  await profile.prepare();
  expect(await readFiles(profile.directory)).toEqual({});
});

describe("nothing is archived", () => {
  test("if the phone is not linked, or was unlinked", async ({ fixture }) => {
    const session = await fixture.session();
    const { profile } = await fixture.machine("a").claim(session);
    await writeFiles(profile.directory, { "chromium/x": "a code was shown" });
    profile.onEngineState("qr");
    await profile.close({ detail: "stopped", isEngineGone: true });
    profile.onEngineState("connected");
    profile.onEngineState("logged_out");
    await profile.close({ detail: "stopped", isEngineGone: true });
    expect(await fixture.find(session)).toBeUndefined();
  });

  test("after the engine failed", async ({ fixture }) => {
    const session = await fixture.session();
    const { profile } = await fixture.machine("a").claim(session);
    await writeFiles(profile.directory, { "chromium/x": "possibly damaged" });
    profile.onEngineState("connected");
    await profile.close({ detail: "failed", isEngineGone: true });
    expect(await fixture.find(session)).toBeUndefined();
  });

  test("by an earlier owner, so that the archive of the current owner stays", async ({ fixture }) => {
    const { session, profile } = await archived(fixture);
    const b = await fixture.machine("b").claim(session);
    b.profile.onEngineState("connected");
    await b.profile.archive(10_000);
    expect(await profile.archive(10_000)).toBe(false);
    expect(await fixture.find(session)).toMatchObject({ generation: 2, sequence: 1 });
    expect(await fixture.stored(session)).toHaveLength(1);
  });

  test("if the profile is too large, and the local profile stays newer than the archive", async ({ fixture }) => {
    const { session, a } = await archived(fixture);
    const small = fixture.machine("a", { limitBytes: 1_000 });
    const { profile } = await small.claim(session);
    await writeFiles(profile.directory, { "chromium/large": "x".repeat(2_000) });
    profile.onEngineState("connected");
    expect(await profile.archive(10_000)).toBe(false);
    expect(await fixture.find(session)).toMatchObject({ generation: 1, sequence: 1 });
    expect(await fixture.stored(session)).toHaveLength(1);
    const again = await a.claim(session);
    expect(Object.keys(await readFiles(again.profile.directory))).toContain("chromium/large");
  });

  test("without a key", async ({ fixture }) => {
    const session = await fixture.session();
    const { profile } = await fixture.machine("a", { key: undefined }).claim(session);
    await writeFiles(profile.directory, { "chromium/x": "linked" });
    profile.onEngineState("connected");
    expect(await profile.archive(10_000)).toBe(false);
    expect(await fixture.stored(session)).toEqual([]);
  });
});

describe("a forgotten profile", () => {
  test("is removed from the store, and removed on machines that have a copy", async ({ fixture }) => {
    const { session, a } = await archived(fixture);
    const b = fixture.machine("b");
    const { profile, lease } = await b.claim(session);
    profile.onEngineState("connected");
    await profile.archive(10_000);
    await b.profiles.forgetProfile(lease);
    await rm(profile.directory, { recursive: true }); // as the caller does
    expect(await fixture.stored(session)).toEqual([]);

    const back = await a.claim(session);
    expect(back.refusal).toBeUndefined();
    expect(await readFiles(back.profile.directory)).toEqual({});
  });

  test("does not prevent the next link from being archived", async ({ fixture }) => {
    const { session, a, lease } = await archived(fixture);
    await a.profiles.forgetProfile(lease);
    const again = await a.claim(session);
    await writeFiles(again.profile.directory, { "chromium/Default/IndexedDB/login": "linked again" });
    again.profile.onEngineState("connected");
    await again.profile.archive(10_000);
    expect(await login((await fixture.machine("b").claim(session)).profile.directory)).toBe("linked again");
  });
});
