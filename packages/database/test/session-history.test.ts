import type { SessionDetail } from "@syszap/contracts";
import { expect } from "vitest";
import type { Database } from "../src/index.ts";
import { claimSession, type Inbox, openInbox, test } from "./fixtures.ts";

const detailsOf = (db: Database, inbox: Inbox) =>
  db.withCompany(inbox.companyId, ({ sessions }) => sessions.findDetails(inbox.session.id));
const record = (db: Database, inbox: Inbox, change: { detail: SessionDetail; generation: number; reason?: string }) =>
  db.withCompany(inbox.companyId, ({ sessions }) => sessions.recordStatus({ sessionId: inbox.session.id, ...change }));

test("keeps the last 20 states of a session, and only those recorded under its lease", async ({ db, owner }) => {
  const [inbox, other] = [await openInbox(db), await openInbox(db)];
  const generation = await claimSession(db, inbox);
  await record(db, other, { detail: "qr", generation: await claimSession(db, other, "connector-b") });
  for (let i = 1; i <= 25; i++) await record(db, inbox, { detail: "reconnecting", reason: `attempt ${i}`, generation });
  await record(db, inbox, { detail: "reconnecting", reason: "attempt 25", generation });
  await record(db, inbox, { detail: "conflict", generation: generation - 1 });

  const history = (await detailsOf(db, inbox))?.history ?? [];
  expect(history.map(({ reason }) => reason)).toEqual(Array.from({ length: 20 }, (_, i) => `attempt ${25 - i}`));
  expect(history[0]).toMatchObject({ detail: "reconnecting", generation });
  const { rows } = await owner.raw("select session_id, count(*)::int from session_transitions group by 1 order by 2");
  expect(rows).toEqual([
    { session_id: other.session.id, count: 1 },
    { session_id: inbox.session.id, count: 20 },
  ]);
});

test("records the stop of a session without an owner in its history, without a generation", async ({ db }) => {
  const inbox = await openInbox(db);
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  await record(db, inbox, { detail: "connected", generation: held.generation });
  await db.system.leases.release("a", held);
  const stop = () =>
    db.withCompany(inbox.companyId, ({ sessions }) => sessions.setDesiredState(inbox.session.id, "stopped"));
  await stop();
  await stop();
  expect((await detailsOf(db, inbox))?.history).toMatchObject([
    { detail: "stopped", generation: null },
    { detail: "connected", generation: held.generation },
  ]);
});

test("shows the health from the owner's renewals, and only the last event after the owner is gone", async ({ db }) => {
  const inbox = await openInbox(db);
  expect(await detailsOf(db, inbox)).toEqual({
    ...inbox.session,
    owner: null,
    generation: 0,
    lastEventAt: null,
    restarts: 0,
    memoryBytes: null,
    recovery: null,
    history: [],
  });
  const held = { sessionId: inbox.session.id, generation: await claimSession(db, inbox, "a") };
  const health = { restarts: 2, memoryBytes: 5_000_000_000, lastEventAt: new Date(1_700_000_000_000) };
  expect(await db.system.leases.renew("a", [{ ...held, health }])).toEqual({
    renewed: [{ ...held, isWanted: true, isMoving: false, settingsVersion: 0 }],
    lost: [],
  });
  const lastEventAt = health.lastEventAt.toISOString();
  expect(await detailsOf(db, inbox)).toMatchObject({ owner: "a", generation: 1, ...health, lastEventAt });

  await db.system.leases.renew("a", [{ ...held, health: { ...health, lastEventAt: null } }]);
  await db.system.leases.release("a", held);
  expect(await detailsOf(db, inbox)).toMatchObject({ owner: null, restarts: 0, memoryBytes: null, lastEventAt });
  await db.system.leases.claim({ connectorId: "b", limit: 10, holding: [] });
  expect(await detailsOf(db, inbox)).toMatchObject({ owner: "b", generation: 2, restarts: 0, lastEventAt });
});
