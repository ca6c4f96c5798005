import type { Knex } from "knex";
import { expect } from "vitest";
import type { BreakerTimes, Database, PacingLimits, SendOutcome } from "../src/index.ts";
import { claimSession, type Inbox, newMessage, newNumber, openChat, openInbox, test } from "./fixtures.ts";

const none: PacingLimits = { perHour: 0, coldPerDay: 0 };
const breaker: BreakerTimes = { afterFailures: 2, firstMs: 600_000, maxMs: 6_000_000 };
const failure: SendOutcome = { kind: "failed", reason: "no connection", breaker };

/** A session with a lease, and the operations of its owner. */
async function owned(db: Database, owner: Knex) {
  const inbox = await openInbox(db);
  const lease = { sessionId: inbox.session.id, generation: await claimSession(db, inbox) };
  const unit = <T>(work: Parameters<typeof db.withCompany<T>>[1]) => db.withCompany(inbox.companyId, work);
  const room = (limits = none, by = lease) => unit(({ pacing }) => pacing.checkRoom(by, limits));
  return {
    inbox,
    lease,
    unit,
    room,
    newChat: () => unit(async (u) => (await openChat(u, { ...lease, number: newNumber(), name: null })).chat.id),
    queue: (body: string, chatId = inbox.chat.id) =>
      unit(({ outboundQueue }) => outboundQueue.add({ chatId, userId: inbox.userId, body })),
    claim: (limits: PacingLimits, gapMs = 0) =>
      unit(async ({ pacing, outboundQueue, messageChanges }) => {
        const may = await pacing.checkRoom(lease, limits);
        const message = may && may.waitMs === 0 ? await outboundQueue.claimNext(lease, may) : undefined;
        if (message?.attempts === 1) await pacing.recordAttempt(message, gapMs);
        if (message) await messageChanges.advanceStatus({ ...lease, direction: 1, waKey: message.waKey }, "sent");
        return message?.body;
      }),
    settle: (outcome: SendOutcome) => unit(({ pacing }) => pacing.recordOutcome(lease, outcome, 0)),
    later: (interval: string) =>
      owner.raw(`update session_sends set sent_at = sent_at - interval '${interval}';
        update session_pacing set open_until = open_until - interval '${interval}', next_at = next_at - interval '${interval}'`),
    read: () => unit(({ pacing }) => pacing.read(lease.sessionId)),
  };
}
const wrote = (inbox: Inbox, chatId: string) => newMessage(inbox, { chatId });

test("limits sends within any hour to the budget, which opens again when a tenth of it is free", async ({
  db,
  owner,
}) => {
  const { queue, claim, later, room, read } = await owned(db, owner);
  const limits = { perHour: 10, coldPerDay: 0 };
  for (let n = 1; n <= 12; n++) await queue(String(n));
  for (let n = 1; n <= 5; n++) expect(await claim(limits)).toBe(String(n));
  await later("30 minutes");
  for (let n = 6; n <= 10; n++) expect(await claim(limits)).toBe(String(n));
  expect(await claim(limits)).toBeUndefined();
  expect(await room(limits)).toMatchObject({ mayBegin: false, isNoticeNew: false, remaining: 0 });
  const { hourly, waiting, ...held } = await read();
  expect(hourly).toMatchObject({ limit: 10, used: 10, remaining: 0 });
  expect(waiting).toBe(2);
  expect(held).toMatchObject({ state: "exhausted", cause: "hourly_budget", resetsAt: hourly.resetsAt });
  const freesInMs = Date.parse(hourly.resetsAt ?? "") - Date.now();
  expect(freesInMs).toBeGreaterThan(25 * 60_000); // the oldest leaves, then nine remain
  expect(freesInMs).toBeLessThanOrEqual(30 * 60_000);
  await later("31 minutes");
  expect(await room(limits)).toMatchObject({ mayBegin: true, isNoticeNew: true, notice: { cause: null } });
  expect(await claim(limits)).toBe("11");
});

test("keeps an exhausted budget closed until a tenth of it is free", async ({ db, owner }) => {
  const { queue, claim, room, lease } = await owned(db, owner);
  const limits = { perHour: 20, coldPerDay: 0 };
  for (let n = 0; n < 20; n++) await queue(String(n));
  for (let n = 0; n < 20; n++) await claim(limits);
  expect(await room(limits)).toMatchObject({ mayBegin: false, isNoticeNew: true });
  const free = (count: number) =>
    owner.raw(
      `update session_sends set sent_at = sent_at - interval '61 minutes' where message_id in (
         select message_id from session_sends where session_id = ? and sent_at > now() - interval '1 hour'
         order by sent_at limit ?)`,
      [lease.sessionId, count],
    );
  await free(1);
  expect(await room(limits)).toMatchObject({ mayBegin: false, isNoticeNew: false });
  await free(1);
  expect(await room(limits)).toMatchObject({ mayBegin: true, isNoticeNew: true });
});

test("the budget for new clients counts clients, and does not delay clients who wrote", async ({ db, owner }) => {
  const { inbox, unit, queue, claim, newChat, room, later } = await owned(db, owner);
  const limits = { perHour: 0, coldPerDay: 1 };
  const [strange, stranger, known] = [await newChat(), await newChat(), await newChat()];
  await unit(({ messages }) => messages.insertOnce(wrote(inbox, known)));
  for (const [body, chatId] of [
    ["cold 1", strange],
    ["cold 1 again", strange],
    ["cold 2", stranger],
    ["cold 2 again", stranger],
    ["answer", known],
  ] as const)
    await queue(body, chatId);
  expect([await claim(limits), await claim(limits), await claim(limits)]).toEqual(["cold 1", "cold 1 again", "answer"]);
  expect(await claim(limits)).toBeUndefined();
  expect(await room(limits)).toMatchObject({ mayBegin: true, mayBeginCold: false, notice: { cause: "cold_budget" } });
  await unit(({ messages }) => messages.insertOnce(wrote(inbox, stranger)));
  expect([await claim(limits), await claim(limits)]).toEqual(["cold 2", "cold 2 again"]);
  await later("25 hours");
  expect(await room(limits)).toMatchObject({ mayBeginCold: true });
});

test("a system note does not count as a message from the client", async ({ db, owner }) => {
  const { inbox, unit, queue, claim, newChat } = await owned(db, owner);
  const limits = { perHour: 0, coldPerDay: 1 };
  const [first, second] = [await newChat(), await newChat()];
  await unit(({ messages }) => messages.insertOnce({ ...wrote(inbox, second), kind: "system" }));
  await queue("cold 1", first);
  await queue("cold 2", second);
  expect([await claim(limits), await claim(limits)]).toEqual(["cold 1", undefined]);
});

test("continues a message that was begun although the budget is exhausted, and counts it once", async ({
  db,
  owner,
}) => {
  const { lease, unit, queue, room, read } = await owned(db, owner);
  const limits = { perHour: 1, coldPerDay: 1 };
  await queue("begun");
  const attempt = () =>
    unit(async ({ pacing, outboundQueue }) => {
      const may = await pacing.checkRoom(lease, limits);
      const message = await outboundQueue.claimNext(lease, may);
      if (message) await pacing.recordAttempt(message, 0);
      return message;
    });
  expect(await attempt()).toMatchObject({ attempts: 1, isCold: true });
  expect(await room(limits)).toMatchObject({ mayBegin: false });
  expect(await attempt()).toMatchObject({ attempts: 2 });
  expect((await read()).hourly.used).toBe(1);
});

test("counts a message again that is retried after an hour, and applies the budget to it", async ({ db, owner }) => {
  const { lease, unit, queue, claim, room, later, read } = await owned(db, owner);
  const limits = { perHour: 1, coldPerDay: 0 };
  await queue("given up once");
  const attempt = () =>
    unit(async ({ pacing, outboundQueue }) => {
      const message = await outboundQueue.claimNext(lease, await pacing.checkRoom(lease, limits));
      if (message) await pacing.recordAttempt(message, 0);
      return message?.attempts;
    });
  expect(await attempt()).toBe(1);
  await later("61 minutes");
  await queue("new", (await unit((u) => openChat(u, { ...lease, number: newNumber(), name: null }))).chat.id);
  await owner.raw("update messages set next_attempt_at = clock_timestamp() + interval '1 minute' where attempts > 0");
  expect(await claim(limits)).toBe("new");
  await owner.raw("update messages set next_attempt_at = null");
  expect(await room(limits)).toMatchObject({ mayBegin: false });
  expect(await attempt()).toBeUndefined();
  await later("61 minutes");
  expect(await attempt()).toBe(2);
  expect((await read()).hourly.used).toBe(1);
});

test("a postponed message delays its own chat and no other", async ({ db, owner }) => {
  const { lease, unit, queue, newChat } = await owned(db, owner);
  await queue("fails");
  await queue("behind it");
  await queue("elsewhere", await newChat());
  const claim = () => unit(({ outboundQueue }) => outboundQueue.claimNext(lease));
  const first = await claim();
  await unit(({ outboundQueue }) => outboundQueue.postpone({ id: first?.id ?? "", ...lease }, 60_000));
  expect([first?.body, (await claim())?.body]).toEqual(["fails", "elsewhere"]);
});

test("sends nothing before the gap is over, also under another owner", async ({ db, owner }) => {
  const { inbox, queue, claim, room, later } = await owned(db, owner);
  await queue("one");
  await queue("two");
  expect(await claim(none, 3_600_000)).toBe("one");
  expect(await claim(none)).toBeUndefined();
  await owner.raw("update session_leases set lease_until = clock_timestamp() - interval '1 ms'");
  const [next] = await db.system.leases.claim({ connectorId: "b", limit: 1, holding: [] });
  const by = { sessionId: inbox.session.id, generation: next?.generation ?? 0 };
  const held = await room(none, by);
  expect(held?.waitMs).toBeGreaterThan(1_800_000);
  expect(await room(none)).toBeUndefined(); // the previous owner
  await later("61 minutes");
  expect(await room(none, by)).toMatchObject({ waitMs: 0 });
});

test("consecutive failures open the breaker for longer each time, and a success closes it", async ({ db, owner }) => {
  const { settle, room, later, read } = await owned(db, owner);
  await room();
  await settle(failure);
  expect(await room()).toMatchObject({ waitMs: 0, notice: { state: "ok" } });
  await settle({ kind: "other" }); // counts neither as success nor as failure
  await settle(failure);
  const first = await room();
  expect(first).toMatchObject({ isNoticeNew: true, isProbe: false, notice: { state: "slowed", cause: "failures" } });
  expect(first?.waitMs).toBeGreaterThan(300_000);
  expect((await read()).breaker).toMatchObject({ state: "open", failures: 2, reason: "no connection" });
  await later("601 seconds");
  expect(await room()).toMatchObject({ waitMs: 0, isProbe: true, isNoticeNew: false });
  expect((await read()).breaker.state).toBe("half_open");
  await settle(failure);
  expect((await room())?.waitMs).toBeGreaterThan(600_000);
  await later("2000 seconds");
  await settle({ kind: "sent" });
  expect(await room()).toMatchObject({ waitMs: 0, isProbe: false, isNoticeNew: true, notice: { state: "ok" } });
  await settle(failure);
  expect(await room()).toMatchObject({ waitMs: 0, notice: { state: "ok" } });
});

test("deletes sends that are more than a day old", async ({ db, owner }) => {
  const { queue, claim, later, room, lease } = await owned(db, owner);
  await queue("one");
  await claim(none);
  await later("25 hours");
  await room();
  const { rows } = await owner.raw("select 1 from session_sends where session_id = ?", [lease.sessionId]);
  expect(rows).toEqual([]);
});

test("a session that never ran has no limits, and the pacing of a removed one is deleted", async ({ db, owner }) => {
  const { unit, lease, room, read } = await owned(db, owner);
  expect(await read()).toMatchObject({
    state: "ok",
    nextAllowedAt: null,
    waiting: 0,
    hourly: { limit: null, used: 0 },
  });
  await room({ perHour: 7, coldPerDay: 0 });
  expect((await read()).hourly).toEqual({ limit: 7, used: 0, remaining: 7, resetsAt: null });
  await unit(({ pacing }) => pacing.delete(lease.sessionId));
  const { rows } = await owner.raw("select 1 from session_pacing where session_id = ?", [lease.sessionId]);
  expect(rows).toEqual([]);
});
