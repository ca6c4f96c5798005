import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { archived, login, newKey, type ProfileFixture, readFiles, test } from "../support/profiles.ts";

describe("an archive is refused with a reason", () => {
  const refusalOf = async (
    fixture: ProfileFixture,
    session: { companyId: string; sessionId: string },
    key = fixture.key,
  ) => {
    const machine = fixture.machine("b", { key });
    const { refusal, profile } = await machine.claim(session);
    expect(await readFiles(machine.directory)).toEqual({}); // the engine will show a code
    expect(profile.directory).toContain(session.sessionId);
    return refusal;
  };

  test("if any of its bytes was altered", async ({ fixture }) => {
    const { session } = await archived(fixture, randomBytes(200_000).toString("hex"));
    const [path = ""] = await fixture.stored(session);
    const whole = await readFile(path);
    for (const at of [0, 10, 30, 50, 60, 64, 70_000, whole.byteLength - 1]) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await writeFile(path, altered);
      // As an attacker with access to the store and the row: only the seal detects it.
      const sha256 = createHash("sha256").update(altered).digest("hex");
      await fixture.sql("update session_profiles set sha256 = $1 where session_id = $2", [sha256, session.sessionId]);
      expect(await refusalOf(fixture, session), `byte ${at}`).toMatch(/the archived profile was refused: the archive /);
    }
  });

  test("if it was truncated, or differs from its record", async ({ fixture }) => {
    const { session } = await archived(fixture, randomBytes(200_000).toString("hex"));
    const [path = ""] = await fixture.stored(session);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 80_000));
    expect(await refusalOf(fixture, session)).toContain("its size differs");
    // Truncated at the end of a chunk, with a matching record.
    const truncated = whole.subarray(0, 64 + 65_536 + 16);
    await writeFile(path, truncated);
    const sha256 = createHash("sha256").update(truncated).digest("hex");
    await fixture.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      sha256,
      truncated.byteLength,
      session.sessionId,
    ]);
    expect(await refusalOf(fixture, session)).toContain("altered or truncated");
    await writeFile(path, whole);
    expect(await refusalOf(fixture, session)).toContain("its size differs");
    await rm(path);
    expect(await refusalOf(fixture, session)).toContain("missing in the store");
  });

  test("if the key is missing, and is restored when the key is added again", async ({ fixture }) => {
    const { session } = await archived(fixture);
    const other = newKey();
    expect(await refusalOf(fixture, session, other)).toBe(
      "the archived profile was refused: the archive was sealed with another key: add that key to PROFILE_ENCRYPTION_KEY",
    );
    const { refusal, profile } = await fixture.machine("c", { key: `${other},${fixture.key}` }).claim(session);
    expect(refusal).toBeUndefined();
    expect(await login(profile.directory)).toBe("linked on a");
  });

  test("if it belongs to another company or session", async ({ fixture }) => {
    const [own, foreign] = [await archived(fixture, "own"), await archived(fixture, "foreign")];
    const [[ownPath = ""], [foreignPath = ""]] = [
      await fixture.stored(own.session),
      await fixture.stored(foreign.session),
    ];
    await writeFile(ownPath, await readFile(foreignPath));
    const found = await fixture.find(foreign.session);
    await fixture.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      found?.file?.sha256,
      found?.file?.size,
      own.session.sessionId,
    ]);
    expect(await refusalOf(fixture, own.session)).toContain("belongs to another session");
  });

  test("if it was replaced by an older one", async ({ fixture }) => {
    const { session, profile } = await archived(fixture);
    const [first = ""] = await fixture.stored(session);
    const older = await readFile(first);
    const before = await fixture.find(session);
    await profile.archive(10_000);
    const [second = ""] = await fixture.stored(session);
    await writeFile(second, older);
    await fixture.sql("update session_profiles set sha256 = $1, size = $2 where session_id = $3", [
      before?.file?.sha256,
      before?.file?.size,
      session.sessionId,
    ]);
    expect(await refusalOf(fixture, session)).toContain("not the recorded one");
  });

  test("and an older local profile is used instead", async ({ fixture }) => {
    const { session, a } = await archived(fixture, "old on a");
    const b = await fixture.machine("b").claim(session);
    b.profile.onEngineState("connected");
    await b.profile.archive(10_000);
    const [path = ""] = await fixture.stored(session);
    await rm(path);
    const { refusal, profile } = await a.claim(session);
    expect(refusal).toContain("missing in the store");
    expect(await login(profile.directory)).toBe("old on a");
  });
});
