import { expect } from "vitest";
import type { RefreshOutcome } from "../src/index.ts";
import { openInbox, test } from "./fixtures.ts";

test("a refresh token can be exchanged once, for the next token of its login", async ({ db, owner }) => {
  const { companyId, userId } = await openInbox(db);
  const first = await db.system.refreshTokens.issue({ companyId, userId });
  const second = await db.system.refreshTokens.rotate(first.token);
  expect(second).toMatchObject({ kind: "rotated", companyId, userId, loginId: first.loginId });
  const stored = await owner("refresh_tokens").select();
  expect(JSON.stringify(stored)).not.toContain(first.token);
});

test("a token used again after its successor ends its login, and no other", async ({ db }) => {
  const { companyId, userId } = await openInbox(db);
  const other = await db.system.refreshTokens.issue({ companyId, userId });
  const first = await db.system.refreshTokens.issue({ companyId, userId });
  const second = await db.system.refreshTokens.rotate(first.token);
  if (second.kind !== "rotated") throw new Error("not rotated");
  const third = await db.system.refreshTokens.rotate(second.token);
  if (third.kind !== "rotated") throw new Error("not rotated");

  const again = await db.system.refreshTokens.rotate(first.token);
  expect(again).toEqual({ kind: "reused", companyId, userId, loginId: first.loginId });
  expect(await db.system.refreshTokens.rotate(third.token)).toEqual({ kind: "refused" });
  expect(await db.system.refreshTokens.rotate(other.token)).toMatchObject({ kind: "rotated" });
});

test("a token may be exchanged again until a successor is used, however late", async ({ db, owner }) => {
  const { companyId, userId } = await openInbox(db);
  const { token, loginId } = await db.system.refreshTokens.issue({ companyId, userId });
  const lost = await db.system.refreshTokens.rotate(token);
  await owner("refresh_tokens")
    .whereNotNull("used_at")
    .update({ used_at: owner.raw("now() - interval '3 days'") });
  const received = await db.system.refreshTokens.rotate(token);
  expect(received).toMatchObject({ kind: "rotated", loginId });
  expect(await db.system.refreshTokens.rotate(tokenOf(received))).toMatchObject({ kind: "rotated", loginId });
  expect(await db.system.refreshTokens.rotate(tokenOf(lost))).toMatchObject({ kind: "reused", loginId });
});

test("of two successors of one token only one can be used, also concurrently", async ({ db, owner }) => {
  const { companyId, userId } = await openInbox(db);
  const { refreshTokens } = db.system;
  const { token, loginId } = await refreshTokens.issue({ companyId, userId });
  const siblings = [await refreshTokens.rotate(token), await refreshTokens.rotate(token)];
  const uses = await owner.transaction(async (trx) => {
    await trx.raw("select pg_advisory_xact_lock(hashtextextended(?, 0))", [loginLock(companyId, loginId)]);
    const rotations = siblings.map((sibling) => refreshTokens.rotate(tokenOf(sibling)));
    // Both wait for the lock of the login.
    await expect.poll(async () => (await owner.raw(lockWaits)).rows[0].count).toBe(2);
    return { rotations };
  });
  const outcomes = await Promise.all(uses.rotations);
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["reused", "rotated"]);
  for (const outcome of outcomes)
    if (outcome.kind === "rotated") expect(await refreshTokens.rotate(outcome.token)).toEqual({ kind: "refused" });
});

test("ending a login also ends the token that an exchange issues at the same time", async ({ db, owner }) => {
  const { companyId, userId } = await openInbox(db);
  const { refreshTokens } = db.system;
  const { token, loginId } = await refreshTokens.issue({ companyId, userId });
  const both = await owner.transaction(async (trx) => {
    await trx.raw("select pg_advisory_xact_lock(hashtextextended(?, 0))", [loginLock(companyId, loginId)]);
    const rotation = refreshTokens.rotate(token);
    await expect.poll(async () => (await owner.raw(lockWaits)).rows[0].count).toBe(1);
    const ending = refreshTokens.revokeLogin({ companyId, loginId });
    await expect.poll(async () => (await owner.raw(lockWaits)).rows[0].count).toBe(2);
    return { rotation, ending };
  });
  const [outcome] = await Promise.all([both.rotation, both.ending]);
  if (outcome.kind === "rotated") expect(await refreshTokens.rotate(outcome.token)).toEqual({ kind: "refused" });
});

const loginLock = (companyId: string, loginId: string) => JSON.stringify(["login", companyId, loginId]);

function tokenOf(outcome: RefreshOutcome): string {
  if (outcome.kind !== "rotated") throw new Error(`the token was ${outcome.kind}`);
  return outcome.token;
}

const lockWaits = `select count(*)::int as count from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;

test("unknown, expired and revoked tokens are refused", async ({ db }) => {
  const { companyId, userId } = await openInbox(db);
  const { refreshTokens } = db.system;
  expect(await refreshTokens.rotate("no such token")).toEqual({ kind: "refused" });
  const expired = await refreshTokens.issue({ companyId, userId }, {}, -1);
  expect(await refreshTokens.rotate(expired.token)).toEqual({ kind: "refused" });
  expect(await refreshTokens.deleteExpired()).toBe(1);

  const login = await refreshTokens.issue({ companyId, userId });
  expect(await refreshTokens.find(login.token)).toEqual({ companyId, userId, loginId: login.loginId });
  await refreshTokens.revokeLogin(login);
  expect(await refreshTokens.rotate(login.token)).toEqual({ kind: "refused" });
  const another = await refreshTokens.issue({ companyId, userId });
  await db.system.openLogins.endAll({ companyId, userId }, { kind: "system" });
  expect(await refreshTokens.rotate(another.token)).toEqual({ kind: "refused" });
});

test("finds a user by e-mail address regardless of case, and allows one user for each address", async ({ db }) => {
  const { id: companyId } = await db.system.companies.create({ name: "Acme" });
  const user = { companyId, name: "Bia", role: "agent", passwordHash: "hash" } as const;
  const created = await db.system.logins.createUser({ ...user, email: "Bia@Acme.example" });
  expect(await db.system.logins.findByEmail("BIA@acme.EXAMPLE")).toEqual(created);
  expect(created).toMatchObject({ companyName: "Acme", role: "agent", passwordHash: "hash", isDisabled: false });
  await expect(db.system.logins.createUser({ ...user, email: "bia@acme.example" })).rejects.toThrow("already in use");
  expect(await db.system.logins.findByEmail("nobody@acme.example")).toBeUndefined();
});
