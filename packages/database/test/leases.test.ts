import type { Knex } from "knex";
import { expect } from "vitest";
import { claimSession, openInbox, test } from "./fixtures.ts";

/** Leases expire by the clock of the database, so tests change the stored time instead of waiting. */
const expire = (owner: Knex) =>
  owner.raw("update session_leases set lease_until = clock_timestamp() - interval '1 second'");
const claimBy = (connectorId: string) => ({ connectorId, limit: 10, holding: [] });

test("gives the lease to one of two connectors, and raises the generation with each claim", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  await db.withCompany(inbox.companyId, (unit) => unit.sessions.setDesiredState(inbox.session.id, "running"));
  const [first, second] = await Promise.all([
    db.system.leases.claim(claimBy("a")),
    db.system.leases.claim(claimBy("b")),
  ]);
  const all = [...first, ...second];
  expect(all).toEqual([
    { companyId: inbox.companyId, sessionId: inbox.session.id, engine: "simulator", generation: 1, isWanted: true },
  ]);
  const loser = first.length === 0 ? "a" : "b";
  expect(await db.system.leases.claim(claimBy(loser))).toEqual([]);

  await expire(owner);
  expect(await db.system.leases.claim({ ...claimBy(loser), mayTakeExpired: false })).toEqual([]);
  expect(await db.system.leases.claim(claimBy(loser))).toMatchObject([{ generation: 2 }]);
});

test("does not claim a stopped session, or more sessions than the limit", async ({ db }) => {
  const inboxes = [await openInbox(db), await openInbox(db), await openInbox(db)];
  for (const { companyId, session } of inboxes.slice(0, 2)) {
    await db.withCompany(companyId, (unit) => unit.sessions.setDesiredState(session.id, "running"));
  }
  expect(await db.system.leases.claim({ ...claimBy("a"), limit: 1 })).toHaveLength(1);
  expect(await db.system.leases.claim(claimBy("b"))).toHaveLength(1);
  expect(await db.system.leases.claim(claimBy("c"))).toEqual([]);
});

test("a restarted connector claims what its earlier process held, but not what it runs now", async ({ db }) => {
  const inbox = await openInbox(db);
  expect(await claimSession(db, inbox, "a")).toBe(1);
  expect(await db.system.leases.claim({ ...claimBy("a"), holding: [inbox.session.id] })).toEqual([]);
  expect(await db.system.leases.claim(claimBy("a"))).toMatchObject([{ generation: 2 }]);
  const renewal = await db.system.leases.renew("a", [{ sessionId: inbox.session.id, generation: 1 }]);
  expect(renewal).toEqual({ renewed: [], lost: [{ sessionId: inbox.session.id, generation: 1 }] });
});

test("renews an expired lease that nobody claimed, and reports a claimed one as lost", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  await expire(owner);
  const renewal = await db.system.leases.renew("a", [held], 3_600_000);
  expect(renewal).toEqual({ renewed: [{ ...held, isWanted: true, isMoving: false, settingsVersion: 0 }], lost: [] });
  expect(await db.system.leases.claim(claimBy("b"))).toEqual([]);
  const { rows } = await owner.raw(
    "select lease_until - clock_timestamp() > interval '30 minutes' as is_renewed from session_leases",
  );
  expect(rows).toEqual([{ is_renewed: true }]);

  await expire(owner);
  await db.system.leases.claim(claimBy("b"));
  expect(await db.system.leases.renew("a", [held])).toEqual({ renewed: [], lost: [held] });
});

test("a locked row does not delay the renewal of other leases", async ({ db, owner }) => {
  const [one, two] = [await openInbox(db), await openInbox(db)];
  const held = [
    { sessionId: one.session.id, generation: await claimSession(db, one, "a") },
    { sessionId: two.session.id, generation: await claimSession(db, two, "a") },
  ];
  // Claiming the second one took the first one again, as after a restart.
  held[0] = { sessionId: one.session.id, generation: 2 };
  await owner.transaction(async (trx) => {
    await trx.raw("select 1 from session_leases where session_id = ? for update", [one.session.id]);
    const renewal = await db.system.leases.renew("a", held);
    expect(renewal).toEqual({
      renewed: [{ ...held[1], isWanted: true, isMoving: false, settingsVersion: 0 }],
      lost: [],
    });
  });
});

test("a released lease may be claimed at once, and only its owner can release it", async ({ db }) => {
  const inbox = await openInbox(db);
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  expect(await db.system.leases.release("b", held)).toBe(false);
  expect(await db.system.leases.release("a", { ...held, generation: 9 })).toBe(false);
  expect(await db.system.leases.release("a", held)).toBe(true);
  expect(await db.system.leases.claim({ ...claimBy("b"), mayTakeExpired: false })).toMatchObject([{ generation: 2 }]);
});

test("a renewal reports that the session should stop, and a dead connector's running session is claimed to be stopped", async ({
  db,
  owner,
}) => {
  const inbox = await openInbox(db);
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  await db.withCompany(inbox.companyId, async (unit) => {
    await unit.sessions.recordStatus({ ...held, detail: "connected", phoneNumber: "5511999990000" });
    const stopped = await unit.sessions.setDesiredState(inbox.session.id, "stopped");
    expect(stopped).toMatchObject({ detail: "connected", version: 2 });
  });
  expect(await db.system.leases.renew("a", [held])).toEqual({
    renewed: [{ ...held, isWanted: false, isMoving: false, settingsVersion: 0 }],
    lost: [],
  });

  await expire(owner);
  expect(await db.system.leases.claim(claimBy("b"))).toMatchObject([{ generation: 2, isWanted: false }]);
  await db.withCompany(inbox.companyId, (unit) =>
    unit.sessions.recordStatus({ sessionId: inbox.session.id, detail: "stopped", generation: 2 }),
  );
  await db.system.leases.release("b", { ...held, generation: 2 });
  expect(await db.system.leases.claim(claimBy("b"))).toEqual([]);
});

test("records a status only under the current lease, and only when it changes", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox, "a");
  const record = (change: { detail: "qr" | "connected"; generation: number; phoneNumber?: string }) =>
    db.withCompany(inbox.companyId, (unit) => unit.sessions.recordStatus({ sessionId: inbox.session.id, ...change }));

  expect(await record({ detail: "qr", generation })).toMatchObject({ status: "qr", detail: "qr", version: 2 });
  expect(await record({ detail: "qr", generation })).toBeUndefined();
  expect(await record({ detail: "connected", generation: generation - 1 })).toBeUndefined();
  expect(await record({ detail: "connected", generation, phoneNumber: "5511999990000" })).toMatchObject({
    status: "connected",
    phoneNumber: "5511999990000",
  });
  await expire(owner);
  expect(await record({ detail: "qr", generation })).toBeUndefined();
});

test("stopping a session without an owner records it as stopped", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox, "a");
  await db.withCompany(inbox.companyId, (unit) =>
    unit.sessions.recordStatus({ sessionId: inbox.session.id, detail: "qr", generation }),
  );
  await expire(owner);
  const stopped = await db.withCompany(inbox.companyId, (unit) =>
    unit.sessions.setDesiredState(inbox.session.id, "stopped"),
  );
  expect(stopped).toMatchObject({ status: "disconnected", detail: "stopped", version: 3 });
});

test("a renewal reports that groups were switched on or off as a new version of the settings", async ({ db }) => {
  const inbox = await openInbox(db);
  const { companyId, session } = inbox;
  const held = { sessionId: session.id, generation: await claimSession(db, inbox, "a") };
  const version = async () => (await db.system.leases.renew("a", [held])).renewed[0]?.settingsVersion;
  const settings = () => db.withCompany(companyId, ({ sessions }) => sessions.findSettings(session.id));
  await db.withCompany(companyId, ({ sessions }) => sessions.setGroups(session.id, true));
  expect(await version()).toBe(1);
  expect(await settings()).toEqual({ version: 1, groupsSince: expect.any(Date) });
  await db.withCompany(companyId, ({ sessions }) => sessions.setGroups(session.id, false));
  expect(await settings()).toEqual({ version: 2, groupsSince: null });
});

test("a renewal reports each change of the session's proxy as a new version of its settings", async ({ db }) => {
  const inbox = await openInbox(db);
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  const version = async () => (await db.system.leases.renew("a", [held])).renewed[0]?.settingsVersion;
  const inDatabase = <Result>(work: Parameters<typeof db.withCompany<Result>>[1]) =>
    db.withCompany(inbox.companyId, work);
  const proxy = { scheme: "http", host: "proxy.example.com", port: 3128, sealedCredentials: null } as const;
  expect(await version()).toBe(0);
  await inDatabase(({ sessionProxies }) => sessionProxies.set(inbox.session.id, proxy));
  expect(await version()).toBe(1);
  await inDatabase(({ sessionProxies }) => sessionProxies.set(inbox.session.id, { ...proxy, port: 8080 }));
  await inDatabase(({ sessionProxies }) => sessionProxies.delete(inbox.session.id));
  expect(await version()).toBe(3);
  expect(await inDatabase(({ sessions }) => sessions.findSettings(inbox.session.id))).toEqual({
    version: 3,
    groupsSince: null,
  });
});
