import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { expect } from "vitest";
import { eventIdOf } from "../src/index.ts";
import { newMessage, openInbox, test } from "./fixtures.ts";

const outboxOf = async (owner: Knex, companyId: string) =>
  owner("outbox").where({ company_id: companyId }).select("id", "events", "published_at");
/** Older than the sweep's patience. */
const age = (owner: Knex, seconds: number) =>
  owner.raw(
    `update outbox set created_at = created_at - make_interval(secs => ?),
    published_at = published_at - make_interval(secs => ?)`,
    [seconds, seconds],
  );

test("what a transaction tells is one row, published after the commit and then marked", async ({ db, bus, owner }) => {
  const inbox = await openInbox(db);
  const message = await db.withCompany(inbox.companyId, async (unit) => {
    const stored = await unit.messages.insertOnce(newMessage(inbox));
    if (!stored) throw new Error("not stored");
    const chat = await unit.chatRecorder.recordMessage(stored);
    unit.emit.newMessage(stored, chat);
    unit.emit.chatUpdate(chat);
    expect(bus.published).toEqual([]);
    return stored;
  });
  expect(bus.published.map(({ companyId, event }) => [companyId, event.type])).toEqual([
    [inbox.companyId, "new_message"],
    [inbox.companyId, "chat_update"],
  ]);
  expect(bus.published[0]?.event.id).toBe(eventIdOf(message, "new_message"));
  const rows = await outboxOf(owner, inbox.companyId);
  expect(rows).toHaveLength(1);
  expect(rows[0].events).toEqual(bus.published.map(({ event }) => event));
  await db.close();
  expect((await outboxOf(owner, inbox.companyId))[0].published_at).toBeInstanceOf(Date);
});

test("a transaction that rolls back tells nothing", async ({ db, bus, owner }) => {
  const inbox = await openInbox(db);
  const attempt = db.withCompany(inbox.companyId, async (unit) => {
    unit.emit.clientUpdate(inbox.client);
    throw new Error("changed my mind");
  });
  await expect(attempt).rejects.toThrow("changed my mind");
  expect(bus.published).toEqual([]);
  expect(await outboxOf(owner, inbox.companyId)).toEqual([]);
});

test("a failed publication does not undo the commit; the sweep publishes it once", async ({ db, bus, owner }) => {
  const inbox = await openInbox(db);
  bus.failure = new Error("Redis is away");
  const answer = await db.withCompany(inbox.companyId, async (unit) => {
    unit.emit.clientUpdate(inbox.client);
    return "kept";
  });
  expect(answer).toBe("kept");

  bus.failure = undefined;
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 0 });
  await age(owner, 3);
  bus.failure = new Error("Redis is still away");
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 1 });
  bus.failure = undefined;
  expect(await db.system.outbox.sweep()).toEqual({ published: 1, failed: 0 });
  expect(await db.system.outbox.sweep()).toEqual({ published: 0, failed: 0 });
  expect(bus.published.map(({ event }) => event.type)).toEqual(["client_update"]);
});

test("several sweepers share the rows: while one publishes, another takes the others", async ({ db, bus, owner }) => {
  const inbox = await openInbox(db);
  bus.failure = new Error("Redis is away");
  for (let version = 1; version <= 20; version++) {
    await db.withCompany(inbox.companyId, async (unit) => unit.emit.clientUpdate({ ...inbox.client, version }));
  }
  bus.failure = undefined;
  await age(owner, 3);

  const hold = bus.holdNext();
  const first = db.system.outbox.sweep({ limit: 10 });
  await hold.reached;
  const second = await db.system.outbox.sweep({ limit: 20 });
  hold.release();
  expect([await first, second]).toEqual([
    { published: 10, failed: 0 },
    { published: 10, failed: 0 },
  ]);
  expect(new Set(bus.published.map(({ event }) => event.id)).size).toBe(20);
  expect(bus.published).toHaveLength(20);
});

test("published rows can be replayed for a minute, then go away; unpublished ones stay", async ({ db, bus, owner }) => {
  const inbox = await openInbox(db);
  bus.failure = new Error("Redis is away");
  await db.withCompany(inbox.companyId, async (unit) => unit.emit.clientUpdate(inbox.client));
  bus.failure = undefined;
  await age(owner, 3);
  await db.system.outbox.sweep();
  expect(await db.system.outbox.publishedRecently()).toMatchObject([
    { companyId: inbox.companyId, events: [{ type: "client_update" }] },
  ]);
  expect(await db.system.outbox.deletePublished()).toBe(0);

  bus.failure = new Error("Redis is away");
  await db.withCompany(inbox.companyId, async (unit) => unit.emit.chatUpdate(inbox.chat));
  await age(owner, 61);
  expect(await db.system.outbox.publishedRecently()).toEqual([]);
  expect(await db.system.outbox.deletePublished()).toBe(1);
  expect(await outboxOf(owner, inbox.companyId)).toMatchObject([{ published_at: null }]);
});

test("an event's id follows from row, type and version", () => {
  const row = { id: randomUUID(), version: 1 };
  expect(eventIdOf(row, "new_message")).toBe(eventIdOf({ ...row }, "new_message"));
  expect(eventIdOf(row, "message_status")).not.toBe(eventIdOf(row, "new_message"));
  expect(eventIdOf({ ...row, version: 2 }, "new_message")).not.toBe(eventIdOf(row, "new_message"));
});
