import { describe, expect } from "vitest";
import type { Database } from "../src/index.ts";
import { claimSession, type Inbox, openInbox, test } from "./fixtures.ts";

const archive = (inbox: Inbox, generation: number, sequence: number) => ({
  sessionId: inbox.session.id,
  engine: "simulator" as const,
  generation,
  sequence,
  storageKey: `profiles/${generation}-${sequence}`,
  sha256: "0".repeat(64),
  size: 1_000,
});
const record = (db: Database, inbox: Inbox, generation: number, sequence: number) =>
  db.withCompany(inbox.companyId, ({ profiles }) => profiles.record(archive(inbox, generation, sequence)));
const find = (db: Database, inbox: Inbox) =>
  db.withCompany(inbox.companyId, ({ profiles }) => profiles.find(inbox.session.id));
const forget = (db: Database, inbox: Inbox, generation: number) =>
  db.withCompany(inbox.companyId, ({ profiles }) =>
    profiles.forget({ sessionId: inbox.session.id, engine: "simulator", generation }),
  );

describe("the newest archive of a profile", () => {
  test("is replaced only by a newer one", async ({ db }) => {
    const inbox = await openInbox(db);
    const generation = await claimSession(db, inbox);
    expect(await find(db, inbox)).toBeUndefined();
    expect(await record(db, inbox, generation, 2)).toBe(true);
    expect(await record(db, inbox, generation, 2)).toBe(false);
    expect(await record(db, inbox, generation, 1)).toBe(false);
    expect(await find(db, inbox)).toEqual({
      generation,
      sequence: 2,
      engine: "simulator",
      file: { storageKey: `profiles/${generation}-2`, sha256: "0".repeat(64), size: 1_000 },
      archivedAt: expect.any(Date),
    });
    expect(await record(db, inbox, generation, 3)).toBe(true);
  });

  test("is recorded only under its own lease", async ({ db, owner }) => {
    const inbox = await openInbox(db);
    const generation = await claimSession(db, inbox);
    expect(await record(db, inbox, generation + 1, 1)).toBe(false);
    await owner.raw("update session_leases set lease_until = now() - interval '1 second'");
    expect(await record(db, inbox, generation, 1)).toBe(false);
    const next = await claimSession(db, inbox, "connector-b");
    expect(await record(db, inbox, generation, 1)).toBe(false);
    expect(await record(db, inbox, next, 1)).toBe(true);
  });

  test("is forgotten with all older ones, unless a later owner archived a newer one", async ({ db, owner }) => {
    const inbox = await openInbox(db);
    const generation = await claimSession(db, inbox);
    await record(db, inbox, generation, 1);
    expect(await forget(db, inbox, generation)).toBe(true);
    expect(await find(db, inbox)).toMatchObject({ generation, file: null });
    expect(await record(db, inbox, generation, 1)).toBe(false);

    await owner.raw("update session_leases set lease_until = now() - interval '1 second'");
    const next = await claimSession(db, inbox, "connector-b");
    await record(db, inbox, next, 1);
    expect(await forget(db, inbox, generation)).toBe(false);
    expect((await find(db, inbox))?.file).not.toBeNull();
  });

  test("cannot be read, replaced or forgotten by another company", async ({ db }) => {
    const [mine, theirs] = [await openInbox(db), await openInbox(db)];
    const generation = await claimSession(db, theirs);
    await record(db, theirs, generation, 1);
    await db.withCompany(mine.companyId, async ({ profiles }) => {
      expect(await profiles.find(theirs.session.id)).toBeUndefined();
      expect(await profiles.record(archive(theirs, generation, 2))).toBe(false);
      expect(await profiles.forget({ sessionId: theirs.session.id, engine: "simulator", generation })).toBe(false);
    });
    expect(await find(db, theirs)).toMatchObject({ sequence: 1 });
  });
});
