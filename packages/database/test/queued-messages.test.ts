import type { Knex } from "knex";
import { expect, onTestFinished } from "vitest";
import type { Database, SessionKey } from "../src/index.ts";
import { OutboundBacklog } from "../src/system/outbound-backlog.ts";
import { claimSession, type Inbox, newMessage, openInbox, openKnex, test } from "./fixtures.ts";

const queue = (db: Database, inbox: Inbox, body: string, idempotencyKey?: string) =>
  db.withCompany(inbox.companyId, ({ outboundQueue }) =>
    outboundQueue.add({ chatId: inbox.chat.id, userId: inbox.userId, body, idempotencyKey }),
  );
const claim = (db: Database, inbox: Inbox, generation: number) =>
  db.withCompany(inbox.companyId, ({ outboundQueue }) =>
    outboundQueue.claimNext({ sessionId: inbox.session.id, generation }),
  );

interface Plan {
  Plans?: Plan[];
  "Relation Name"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
}
/** Rows of `messages` that an executed plan has read. */
function messagesReadBy(plan: Plan): number {
  const own = (plan["Actual Rows"] ?? 0) * (plan["Actual Loops"] ?? 0) + (plan["Rows Removed by Filter"] ?? 0);
  const below = (plan.Plans ?? []).reduce((sum, child) => sum + messagesReadBy(child), 0);
  return below + (plan["Relation Name"] === "messages" ? own : 0);
}

test("claims messages oldest first, and the next one only after the first is sent", async ({ db }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox);
  for (const body of ["one", "two"]) await queue(db, inbox, body);
  const first = await claim(db, inbox, generation);
  expect(first).toMatchObject({ body: "one", attempts: 1, waChatId: inbox.chat.waChatId });
  expect(first?.waKey).toMatch(/^3EB0[0-9A-F]{18}$/);
  // The first is not sent yet, so the next one waits. All attempts use the same key.
  expect(await claim(db, inbox, generation)).toEqual({ ...first, attempts: 2 });
  await db.withCompany(inbox.companyId, ({ messageChanges }) =>
    messageChanges.advanceStatus({ sessionId: inbox.session.id, direction: 1, waKey: first?.waKey ?? "" }, "sent"),
  );
  expect(await claim(db, inbox, generation)).toMatchObject({ body: "two" });
});

test("passes contact cards, polls and the mark of a forward to the engine", async ({ db }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox);
  const contacts = [{ name: "Bia", organisation: null, numbers: [{ text: "+55 11", whatsAppNumber: null }] }];
  const poll = { question: "Qual?", options: ["a", "b"], mostChoices: null };
  const by = { chatId: inbox.chat.id, userId: inbox.userId };
  await db.withCompany(inbox.companyId, async ({ outboundQueue }) => {
    const context = { forwarded: "often" as const };
    await outboundQueue.add({ ...by, body: "Bia", kind: "contact", content: { contacts }, context });
    await outboundQueue.add({ ...by, body: "Qual?", kind: "poll", content: { poll } });
    await outboundQueue.add({ ...by, body: "oi", context });
  });
  const payloads = [];
  for (let sent = 0; sent < 3; sent += 1) {
    const claimed = await claim(db, inbox, generation);
    payloads.push(claimed?.payload);
    const key = { sessionId: inbox.session.id, direction: 1 as const, waKey: claimed?.waKey ?? "" };
    await db.withCompany(inbox.companyId, ({ messageChanges }) => messageChanges.advanceStatus(key, "sent"));
  }
  expect(payloads).toEqual([
    { kind: "contacts", cards: contacts, forwarded: "often" },
    { kind: "poll", poll },
    { kind: "text", body: "oi", forwarded: "often" },
  ]);
});

test("returns the first poll for a repeated key after a vote in it", async ({ db }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox);
  const poll = { question: "Qual?", options: ["a", "b"], mostChoices: 1 };
  const idempotencyKey = "poll-1";
  const add = (content: { poll: typeof poll }) =>
    db.withCompany(inbox.companyId, ({ outboundQueue }) =>
      outboundQueue.add({
        ...{ chatId: inbox.chat.id, userId: inbox.userId, idempotencyKey },
        ...{ body: "Qual?", kind: "poll", content },
      }),
    );
  const first = await add({ poll });
  const claimed = await claim(db, inbox, generation);
  const key = { sessionId: inbox.session.id, direction: 1 as const, waKey: claimed?.waKey ?? "" };
  const vote = { from: "client" as const, options: ["b"], timestampMs: Date.now() };
  const voted = await db.withCompany(inbox.companyId, ({ messageChanges }) => messageChanges.applyVote(key, vote));
  expect(voted).toMatchObject({ content: { poll: { votes: [{ options: ["b"] }] } } });
  expect(await add({ poll })).toMatchObject({ isNew: false, message: { id: first?.message.id } });
  await expect(add({ poll: { ...poll, options: ["a", "c"] } })).rejects.toMatchObject({
    name: "IdempotencyConflictError",
  });
});

test("only the generation that holds the lease may claim", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox);
  await queue(db, inbox, "one");
  expect(await claim(db, inbox, generation + 1)).toBeUndefined();
  await owner.raw("update session_leases set lease_until = clock_timestamp() - interval '1 ms'");
  expect(await claim(db, inbox, generation)).toBeUndefined();
  const [lease] = await db.system.leases.claim({ connectorId: "b", limit: 1, holding: [] });
  expect(await claim(db, inbox, lease?.generation ?? 0)).toMatchObject({ body: "one", attempts: 1 });
});

test("a postponed message delays later ones until its next attempt is due", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const generation = await claimSession(db, inbox);
  for (const body of ["one", "two"]) await queue(db, inbox, body);
  const first = await claim(db, inbox, generation);
  const postpone = (by: number) =>
    db.withCompany(inbox.companyId, ({ outboundQueue }) =>
      outboundQueue.postpone({ id: first?.id ?? "", sessionId: inbox.session.id, generation: by }, 3_600_000),
    );
  expect(await postpone(generation + 1)).toBe(false);
  expect(await postpone(generation)).toBe(true);
  expect(await claim(db, inbox, generation)).toBeUndefined();
  const next = await db.withCompany(inbox.companyId, ({ outboundQueue }) =>
    outboundQueue.nextAttemptAt(inbox.session.id),
  );
  expect(next?.getTime()).toBeGreaterThan(Date.now() + 1_800_000);
  await owner.raw("update messages set next_attempt_at = clock_timestamp() where next_attempt_at is not null");
  expect(await claim(db, inbox, generation)).toMatchObject({ body: "one", attempts: 2 });
});

test("returns the first message for the same idempotency key, and rejects another text under it", async ({ db }) => {
  const inbox = await openInbox(db);
  const [first, second] = await Promise.all([queue(db, inbox, "oi", "key"), queue(db, inbox, "oi", "key")]);
  expect(first?.message).toEqual(second?.message);
  expect([first?.isNew, second?.isNew].sort()).toEqual([false, true]);
  await expect(queue(db, inbox, "other", "key")).rejects.toThrow("used for a different message");
  expect((await queue(db, inbox, "oi"))?.isNew).toBe(true);
  const other = await openInbox(db);
  expect((await queue(db, other, "other", "key"))?.isNew).toBe(true);
});

test("sorts a queued message by the time of queuing, and does not store its echo from the phone again", async ({
  db,
}) => {
  const inbox = await openInbox(db);
  const [one, two] = [await queue(db, inbox, "one"), await queue(db, inbox, "two")];
  expect(one?.message.sourceOrder).toMatch(/^\d{15}-0{10}-\d{12}$/);
  expect([one, two].map((queued) => queued?.message.sourceOrder ?? "").sort()).toEqual([
    one?.message.sourceOrder,
    two?.message.sourceOrder,
  ]);
  const generation = await claimSession(db, inbox);
  const outgoing = await claim(db, inbox, generation);
  const echo = newMessage(inbox, { direction: 1, waKey: outgoing?.waKey ?? "", status: "sent" });
  expect(await db.withCompany(inbox.companyId, ({ messages }) => messages.insertOnce(echo))).toBeUndefined();
});

test("finds sessions whose messages have been queued for too long", async ({ db, owner }) => {
  const [inbox, other] = [await openInbox(db), await openInbox(db)];
  await queue(db, inbox, "one");
  const found = async () => (await db.system.outbound.sessionsWithQueued(5_000)).sessions;
  expect(await found()).toEqual([]);
  await owner.raw("update messages set occurred_at = occurred_at - interval '6 seconds'");
  await queue(db, other, "fresh");
  expect(await found()).toEqual([{ companyId: inbox.companyId, sessionId: inbox.session.id }]);
  await db.withCompany(inbox.companyId, ({ sessions }) => sessions.remove(inbox.session.id));
  expect(await found()).toEqual([]);
});

test("finds every session with queued messages in consecutive parts", async ({ db }) => {
  const inboxes = [await openInbox(db), await openInbox(db), await openInbox(db)];
  for (const inbox of inboxes) for (const body of ["one", "two"]) await queue(db, inbox, body);
  const all = inboxes
    .map(({ companyId, session }) => ({ companyId, sessionId: session.id }))
    .sort((a, b) => (a.companyId < b.companyId ? -1 : 1));
  const next = (after?: SessionKey) => db.system.outbound.sessionsWithQueued(0, { limit: 2, after });
  const first = await next();
  expect(first).toEqual({ sessions: all.slice(0, 2), last: all[1] });
  expect(await next(first.last)).toEqual({ sessions: all.slice(2), last: undefined });
});

test("reads one row per session to find queued messages, by the index", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  await queue(db, inbox, "one");
  // 20,000 queued messages of the same session.
  await owner.raw(
    `insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order, occurred_at)
     select company_id, session_id, chat_id, direction, wa_key || n, type, body, status, source_order, occurred_at
     from messages, generate_series(1, 20000) n`,
  );
  await owner.raw("analyze messages");
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  let plan: Plan = {};
  const explain = async (sql: string, bindings: Knex.RawBinding[]) => {
    const { rows } = await system.raw(`explain (analyze, format json) ${sql}`, bindings);
    plan = rows[0]["QUERY PLAN"][0].Plan;
    return { rows: [] };
  };
  await new OutboundBacklog({ raw: explain } as unknown as Knex).sessionsWithQueued(0);
  expect(messagesReadBy(plan)).toBeGreaterThan(0);
  expect(messagesReadBy(plan)).toBeLessThan(20);
});

test("fails everything a session has queued, oldest first", async ({ db }) => {
  const [inbox, other] = [await openInbox(db), await openInbox(db)];
  for (const body of ["one", "two"]) await queue(db, inbox, body);
  await queue(db, other, "kept");
  const failed = await db.withCompany(inbox.companyId, ({ outboundQueue }) =>
    outboundQueue.failAll(inbox.session.id, "removed"),
  );
  expect(failed).toMatchObject([
    { body: "one", status: "failed", failureReason: "removed", version: 2 },
    { body: "two", status: "failed" },
  ]);
  expect(await claim(db, inbox, await claimSession(db, inbox))).toBeUndefined();
  expect(await claim(db, other, await claimSession(db, other))).toMatchObject({ body: "kept" });
});
