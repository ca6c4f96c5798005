import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { archived, login, newKey, type ProfileWorld, readFiles, test } from "../support/profiles.ts";

describe("an archive is refused, and says why,", () => {
  const refusalOn = async (world: ProfileWorld, session: { companyId: string; sessionId: string }, key = world.key) => {
    const machine = world.machine("b", { key });
    const { refusal, profile } = await machine.claim(session);
    expect(await readFiles(machine.directory)).toEqual({}); // so a code is shown
    expect(profile.directory).toContain(session.sessionId);
    return refusal;
  };

  test("when a byte of it is another, wherever", async ({ world }) => {
    const { session } = await archived(world, randomBytes(200_000).toString("hex"));
    const [path = ""] = await world.stored(session);
    const whole = await readFile(path);
    for (const at of [0, 10, 30, 50, 60, 64, 70_000, whole.byteLength - 1]) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await writeFile(path, altered);
      // As one who may write to the store and to the row: only the seal is left to tell.
      const sha256 = createHash("sha256").update(altered).digest("hex");
      await world.sql("update session_profiles set sha256 = $1 where session_id = $2", [sha256, session.sessionId]);
      expect(await refusalOn(world, session), `byte ${at}`).toMatch(/its archived profile was refused: the archive /);
    }
  });

  test("when it was cut, or its record tells of another", async ({ world }) => {
    const { session } = await archived(world, randomBytes(200_000).toString("hex"));
    const [path = ""] = await world.stored(session);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 80_000));
    expect(await refusalOn(world, session)).toContain("its size is another");
    // Cut at the end of a chunk, with a record that agrees.
    const cut = whole.subarray(0, 64 + 65_536 + 16);
    await writeFile(path, cut);
    const sha256 = createHash("sha256").update(cut).digest("hex");
    await world.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      sha256,
      cut.byteLength,
      session.sessionId,
    ]);
    expect(await refusalOn(world, session)).toContain("altered or cut");
    await writeFile(path, whole);
    expect(await refusalOn(world, session)).toContain("its size is another");
    await rm(path);
    expect(await refusalOn(world, session)).toContain("gone from the store");
  });

  test("when the key is another, and opens again once that key is back beside the new one", async ({ world }) => {
    const { session } = await archived(world);
    const other = newKey();
    expect(await refusalOn(world, session, other)).toBe(
      "its archived profile was refused: the archive was sealed with another key: add that one to PROFILE_ENCRYPTION_KEY",
    );
    const { refusal, profile } = await world.machine("c", { key: `${other},${world.key}` }).claim(session);
    expect(refusal).toBeUndefined();
    expect(await login(profile.directory)).toBe("linked on a");
  });

  test("when it is another company's, or another session's", async ({ world }) => {
    const [mine, theirs] = [await archived(world, "mine"), await archived(world, "theirs")];
    const [[minePath = ""], [theirPath = ""]] = [await world.stored(mine.session), await world.stored(theirs.session)];
    await writeFile(minePath, await readFile(theirPath));
    const found = await world.find(theirs.session);
    await world.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      found?.file?.sha256,
      found?.file?.size,
      mine.session.sessionId,
    ]);
    expect(await refusalOn(world, mine.session)).toContain("another session's");
  });

  test("when an older one was put in its place", async ({ world }) => {
    const { session, profile } = await archived(world);
    const [first = ""] = await world.stored(session);
    const older = await readFile(first);
    const before = await world.find(session);
    await profile.archive(10_000);
    const [second = ""] = await world.stored(session);
    await writeFile(second, older);
    await world.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      before?.file?.sha256,
      before?.file?.size,
      session.sessionId,
    ]);
    expect(await refusalOn(world, session)).toContain("not the one that was recorded");
  });

  test("but an older profile that is here is used then", async ({ world }) => {
    const { session, a } = await archived(world, "old on a");
    const b = await world.machine("b").claim(session);
    b.profile.saw("connected");
    await b.profile.archive(10_000);
    const [path = ""] = await world.stored(session);
    await rm(path);
    const { refusal, profile } = await a.claim(session);
    expect(refusal).toContain("gone from the store");
    expect(await login(profile.directory)).toBe("old on a");
  });
});
