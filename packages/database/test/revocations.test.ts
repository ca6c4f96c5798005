import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Database, Revocations } from "../src/index.ts";
import { openInbox, test } from "./fixtures.ts";

const actor = { kind: "system" } as const;

/** A user with a login, in a new company. */
async function openUser(db: Database) {
  const { companyId, userId } = await openInbox(db);
  const { loginId, token } = await db.system.refreshTokens.issue({ companyId, userId });
  return { companyId, userId, loginId, token };
}
type User = Awaited<ReturnType<typeof openUser>>;

/** Sends what is pending. Resolves with what was sent. */
async function take(db: Database): Promise<(Revocations & { companyId: string })[]> {
  const sent: (Revocations & { companyId: string })[] = [];
  await db.system.revocations.sweep(async (companyId, revocations) => {
    sent.push({ companyId, ...revocations });
  }, 0);
  return sent;
}

async function newLink(db: Database, { companyId, userId }: User) {
  const tokenHash = Buffer.alloc(32, randomUUID());
  const link = {
    userId,
    kind: "password_reset",
    nonce: Buffer.alloc(32),
    tokenHash,
    lifeMs: 60_000,
    mail: "off",
  } as const;
  await db.withCompany(companyId, ({ accountLinks }) => accountLinks.create(link));
  const found = await db.system.accountLinks.find("password_reset", tokenHash);
  if (!found) throw new Error("the link was not stored");
  return found;
}

async function newKey(db: Database, { companyId, userId }: User): Promise<string> {
  const secretHash = Buffer.alloc(32, randomUUID());
  const key = { userId, name: "CRM", scopes: ["read" as const], hint: "x", secretHash, expiresAt: null };
  const created = await db.withCompany(companyId, ({ apiKeys }) => apiKeys.create(key, 1));
  return created?.id ?? "";
}

type End = (db: Database, user: User) => Promise<unknown>;
/** Each way in which a login ends. */
const ends: Record<string, End> = {
  "a sign-out": (db, user) => db.system.openLogins.endOne(user, actor),
  "ending all logins": (db, user) => db.system.openLogins.endAll(user, actor),
  "ending a login that lost its rights": (db, user) => db.system.refreshTokens.revokeLogin(user),
  "a password change": (db, { companyId, userId }) =>
    db.system.logins.changePassword({ companyId, userId, keep: randomUUID() }, { from: "none", to: "new" }, actor),
  "a password reset": async (db, user) => db.system.accountLinks.resetPassword(await newLink(db, user), "new", actor),
  "disabling a user": (db, { companyId, userId }) => db.withCompany(companyId, ({ users }) => users.endLogins(userId)),
  "a stolen refresh token": async (db, { token }) => {
    const successor = await db.system.refreshTokens.rotate(token);
    if (successor.kind !== "rotated") throw new Error(successor.kind);
    await db.system.refreshTokens.rotate(successor.token);
    expect((await db.system.refreshTokens.rotate(token)).kind).toBe("reused");
  },
};

for (const [title, end] of Object.entries(ends))
  test(`${title} is sent to the gateways after the process was killed at the commit`, async ({ db }) => {
    const user = await openUser(db);
    await end(db, user);
    const { companyId, loginId } = user;
    expect(await take(db)).toEqual([{ companyId, loginIds: [loginId], isSuspended: undefined }]);
    expect(await take(db)).toEqual([]);
  });

test("a revoked API key is sent to the gateways after the process was killed at the commit", async ({ db }) => {
  const user = await openUser(db);
  const keyId = await newKey(db, user);
  await db.withCompany(user.companyId, ({ apiKeys }) => apiKeys.revoke(keyId));
  expect(await take(db)).toMatchObject([{ companyId: user.companyId, loginIds: [keyId] }]);
});

test("sends the company's present state after it was suspended, reopened or scheduled for deletion", async ({ db }) => {
  const { companyId } = await openUser(db);
  const { companyLifecycle } = db.system;
  await companyLifecycle.suspend(companyId, actor);
  expect(await take(db)).toEqual([{ companyId, loginIds: [], isSuspended: true }]);
  await companyLifecycle.suspend(companyId, actor);
  await companyLifecycle.reopen(companyId, actor);
  expect(await take(db)).toEqual([{ companyId, loginIds: [], isSuspended: false }]);
  await companyLifecycle.scheduleDeletion(companyId, 60_000, actor);
  expect(await take(db)).toEqual([{ companyId, loginIds: [], isSuspended: true }]);
  await companyLifecycle.cancelDeletion(companyId, actor);
  expect(await take(db)).toEqual([]);
});

test("keeps what could not be sent", async ({ db }) => {
  const user = await openUser(db);
  await db.system.openLogins.endOne(user, actor);
  const fail = () => Promise.reject(new Error("Redis is away"));
  await expect(db.system.revocations.send(user.companyId, fail)).rejects.toThrow("Redis is away");
  expect(await take(db)).toMatchObject([{ loginIds: [user.loginId] }]);
});

test("a rolled back transaction leaves nothing to send", async ({ db }) => {
  const { companyId, userId } = await openUser(db);
  const attempt = db.withCompany(companyId, async ({ users }) => {
    await users.endLogins(userId);
    throw new Error("rolled back");
  });
  await expect(attempt).rejects.toThrow("rolled back");
  expect(await take(db)).toEqual([]);
});

test("a company that is reopened while its suspension is being sent is open in the end", async ({ db, owner }) => {
  const { companyId } = await openUser(db);
  const { companyLifecycle, revocations } = db.system;
  const states: unknown[] = [];
  const isWaiting = async () => {
    const waits = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    return (await owner.raw(waits)).rowCount > 0;
  };
  await companyLifecycle.suspend(companyId, actor);
  let reopened = Promise.resolve();
  await revocations.send(companyId, async (_, { isSuspended }) => {
    await companyLifecycle.reopen(companyId, actor);
    reopened = revocations.send(companyId, async (__, later) => {
      states.push(later.isSuspended);
    });
    // The second call either waits for this one or overtakes it.
    await Promise.race([reopened, expect.poll(isWaiting, { timeout: 120_000 }).toBe(true)]);
    states.push(isSuspended);
  });
  await reopened;
  expect(states).toEqual([true, false]);
});
