import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { expect } from "vitest";
import { eventIdOf } from "../src/index.ts";
import { newMessage, openInbox, test } from "./fixtures.ts";

const outboxOf = async (owner: Knex, companyId: string) =>
  owner("outbox").where({ company_id: companyId }).select("id", "events", "published_at");
/** Moves the rows into the past, so that the sweep or the deletion takes them. */
const age = (owner: Knex, seconds: number) =>
  owner.raw(
    `update outbox set created_at = created_at - make_interval(secs => ?),
    published_at = published_at - make_interval(secs => ?)`,
    [seconds, seconds],
  );

test("stores the events of a transaction in one row, publishes them after the commit, and marks the row", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  const message = await db.withCompany(inbox.companyId, async (unit) => {
    const stored = await unit.messages.insertOnce(newMessage(inbox));
    if (!stored) throw new Error("not stored");
    const chat = await unit.chatRecorder.recordMessage(stored);
    unit.emit.newMessage(stored, chat);
    unit.emit.chatUpdate(chat);
    expect(publisher.published).toEqual([]);
    return stored;
  });
  expect(publisher.published.map(({ companyId, event }) => [companyId, event.type])).toEqual([
    [inbox.companyId, "new_message"],
    [inbox.companyId, "chat_update"],
  ]);
  expect(publisher.published[0]?.event.id).toBe(eventIdOf(message, "new_message"));
  const rows = await outboxOf(owner, inbox.companyId);
  expect(rows).toHaveLength(1);
  expect(rows[0].events).toEqual(publisher.published.map(({ event }) => event));
  await db.close();
  expect((await outboxOf(owner, inbox.companyId))[0].published_at).toBeInstanceOf(Date);
});

test("a transaction that rolls back publishes nothing", async ({ db, publisher, owner }) => {
  const inbox = await openInbox(db);
  const attempt = db.withCompany(inbox.companyId, async (unit) => {
    unit.emit.clientUpdate(inbox.client);
    throw new Error("changed my mind");
  });
  await expect(attempt).rejects.toThrow("changed my mind");
  expect(publisher.published).toEqual([]);
  expect(await outboxOf(owner, inbox.companyId)).toEqual([]);
});

test("a failed publication does not undo the commit, and the sweep publishes the events once", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  publisher.failure = new Error("Redis is unavailable");
  const result = await db.withCompany(inbox.companyId, async (unit) => {
    unit.emit.clientUpdate(inbox.client);
    return "kept";
  });
  expect(result).toBe("kept");

  publisher.failure = undefined;
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 0 });
  await age(owner, 3);
  publisher.failure = new Error("Redis is still unavailable");
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 1 });
  publisher.failure = undefined;
  expect(await db.system.outbox.sweep()).toEqual({ published: 1, failed: 0 });
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 0 });
  expect(publisher.published.map(({ event }) => event.type)).toEqual(["client_update"]);
});

test("a change of rights takes effect although the process was killed after the commit", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  const userIds = [randomUUID(), randomUUID()];
  publisher.failure = new Error("killed");
  await db.withCompany(inbox.companyId, async ({ emit }) => {
    emit.accessChanged(userIds);
    emit.accessOfAgentsChanged();
  });
  publisher.failure = undefined;
  await age(owner, 3);
  expect(await db.system.outbox.sweep()).toEqual({ published: 1, failed: 0 });
  expect(publisher.published.map(({ event: { type, audience } }) => [type, audience])).toEqual([
    ...userIds.map((userId) => ["access_changed", { kind: "user", userId }]),
    ["access_changed", { kind: "role", roles: ["agent"] }],
  ]);
});

test("several sweepers share the rows: while one publishes, another takes the rest", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  publisher.failure = new Error("Redis is unavailable");
  for (let version = 1; version <= 20; version++) {
    await db.withCompany(inbox.companyId, async (unit) => unit.emit.clientUpdate({ ...inbox.client, version }));
  }
  publisher.failure = undefined;
  await age(owner, 3);

  const hold = publisher.holdNext();
  const first = db.system.outbox.sweep({ limit: 10 });
  await hold.reached;
  const second = await db.system.outbox.sweep({ limit: 20 });
  hold.release();
  expect([await first, second]).toEqual([
    { published: 10, failed: 0 },
    { published: 10, failed: 0 },
  ]);
  expect(new Set(publisher.published.map(({ event }) => event.id)).size).toBe(20);
  expect(publisher.published).toHaveLength(20);
});

test("keeps published rows for a minute, deletes them then, and keeps unpublished ones", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  publisher.failure = new Error("Redis is unavailable");
  await db.withCompany(inbox.companyId, async (unit) => unit.emit.clientUpdate(inbox.client));
  publisher.failure = undefined;
  await age(owner, 3);
  await db.system.outbox.sweep();
  expect(await db.system.outbox.publishedRecently()).toMatchObject([
    { companyId: inbox.companyId, events: [{ type: "client_update" }] },
  ]);
  expect(await db.system.outbox.deletePublished()).toBe(0);

  publisher.failure = new Error("Redis is unavailable");
  await db.withCompany(inbox.companyId, async (unit) => unit.emit.chatUpdate(inbox.chat));
  await age(owner, 61);
  expect(await db.system.outbox.publishedRecently()).toEqual([]);
  expect(await db.system.outbox.deletePublished()).toBe(1);
  expect(await outboxOf(owner, inbox.companyId)).toMatchObject([{ published_at: null }]);
});

test("derives the id of an event from row, type and version", () => {
  const row = { id: randomUUID(), version: 1 };
  expect(eventIdOf(row, "new_message")).toBe(eventIdOf({ ...row }, "new_message"));
  expect(eventIdOf(row, "message_status")).not.toBe(eventIdOf(row, "new_message"));
  expect(eventIdOf({ ...row, version: 2 }, "new_message")).not.toBe(eventIdOf(row, "new_message"));
});
