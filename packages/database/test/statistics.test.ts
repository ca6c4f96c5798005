import { expect, onTestFinished } from "vitest";
import { StatisticsRepository } from "../src/repositories/statistics/statistics-repository.ts";
import { PreparedStatements } from "../src/sql/prepared-statements.ts";
import { Scope } from "../src/sql/query.ts";
import { type Inbox, newMessage, newNumber, openChat, openInbox, openKnex, test, tuplesRead } from "./fixtures.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;
const received = { direction: 0 } as const;
const sent = { direction: 1, status: "sent" } as const;

/** An inbox in a time zone whose day neither began nor ends within the next hours, and the start of that day. */
async function openDay(db: Parameters<typeof openInbox>[0]) {
  const inbox = await openInbox(db);
  const hour = new Date().getUTCHours();
  const timeZone = hour >= 3 && hour < 21 ? "UTC" : "Etc/GMT+12";
  await db.withCompany(inbox.companyId, ({ settings }) => settings.setTimeZone(timeZone));
  const read = (days = 30) => db.withCompany(inbox.companyId, ({ statistics }) => statistics.read(days));
  const store = (message: Parameters<typeof newMessage>[1], of: Inbox = inbox) =>
    db.withCompany(inbox.companyId, async ({ messages, chatRecorder }) => {
      const stored = await messages.insertOnce(newMessage(of, message));
      if (!stored) throw new Error("the message was not stored");
      await chatRecorder.recordMessage(stored);
    });
  const { today } = await read(1);
  return { inbox, timeZone, read, store, startsAtMs: Date.parse(today.startsAt), endsAtMs: Date.parse(today.endsAt) };
}

test("counts the messages of each minute of today and of each of the last days", async ({ db }) => {
  const { inbox, timeZone, read, store, startsAtMs, endsAtMs } = await openDay(db);
  await store({ ...received, timestampMs: startsAtMs });
  await store({ ...received, timestampMs: startsAtMs + minuteMs - 1 });
  await store({ ...sent, timestampMs: startsAtMs + 2 * minuteMs });
  await store({ ...received, timestampMs: startsAtMs - 1 });
  await store({ ...sent, timestampMs: startsAtMs - 29 * dayMs });
  await store({ ...sent, timestampMs: startsAtMs - 29 * dayMs - 1 });
  await store({ ...received, timestampMs: endsAtMs });
  await store({ ...received, timestampMs: startsAtMs, kind: "system" });
  await db.withCompany(inbox.companyId, async ({ messages, outboundQueue }) => {
    const { items } = await messages.listBefore(inbox.chat.id, { limit: 100 });
    const own = items.find(({ direction }) => direction === 1);
    if (!own) throw new Error("there is no sent message");
    const edit = { change: "edit", messageId: own.id } as const;
    await outboundQueue.add({ chatId: inbox.chat.id, body: "corrigido", userId: inbox.userId, changes: edit });
  });

  const { today, perDay, ...rest } = await read();
  expect(rest.timeZone).toBe(timeZone);
  expect(today).toMatchObject({ received: [2, 0, 0], sent: [0, 0, 1] });
  expect(perDay).toHaveLength(30);
  const day = (ms: number) => ({ startsAt: new Date(ms).toISOString() });
  expect(perDay.at(-1)).toMatchObject({ ...day(startsAtMs), received: 2, sent: 1 });
  expect(perDay.at(-2)).toMatchObject({ ...day(startsAtMs - dayMs), received: 1, sent: 0 });
  expect(perDay.at(0)).toMatchObject({ ...day(startsAtMs - 29 * dayMs), received: 0, sent: 1 });
  expect(perDay.reduce((sum, each) => sum + each.received + each.sent, 0)).toBe(5);
  expect((await read(1)).perDay).toEqual(perDay.slice(-1));
});

test("begins days at midnight of the company's time zone", async ({ db }) => {
  const { companyId } = await openInbox(db);
  for (const [timeZone, hourUtc] of [
    ["America/Sao_Paulo", 3],
    ["Asia/Kolkata", 18.5],
  ] as const) {
    const { today } = await db.withCompany(companyId, async ({ settings, statistics }) => {
      await settings.setTimeZone(timeZone);
      return statistics.read(1);
    });
    const startsAt = new Date(today.startsAt);
    expect(startsAt.getUTCHours() + startsAt.getUTCMinutes() / 60).toBe(hourUtc);
    expect(Date.parse(today.endsAt) - startsAt.getTime()).toBe(dayMs);
  }
});

test("reports the chats with unread messages, and the oldest of these messages", async ({ db }) => {
  const { inbox, read, store, startsAtMs } = await openDay(db);
  expect((await read(1)).waiting).toEqual({ chats: 0, since: null });
  const others = await db.withCompany(inbox.companyId, (unit) =>
    openChat(unit, { sessionId: inbox.session.id, number: newNumber(), name: "Bia" }),
  );
  await store({ ...received, timestampMs: startsAtMs - dayMs });
  await store({ ...sent, timestampMs: startsAtMs + secondMs });
  await store({ ...received, timestampMs: startsAtMs + 3 * secondMs });
  await store({ ...received, timestampMs: startsAtMs + 4 * secondMs });
  const bias = { ...inbox, ...others };
  await store({ ...received, timestampMs: startsAtMs + 2 * secondMs }, bias);
  const at = (ms: number) => new Date(ms).toISOString();
  expect((await read(1)).waiting).toEqual({ chats: 2, since: at(startsAtMs + 2 * secondMs) });
  await db.withCompany(inbox.companyId, ({ chats }) => chats.markRead(others.chat.id));
  expect((await read(1)).waiting).toEqual({ chats: 1, since: at(startsAtMs + 3 * secondMs) });
  await store({ ...sent, timestampMs: startsAtMs + 5 * secondMs });
  expect((await read(1)).waiting).toEqual({ chats: 0, since: null });
});

test("measures the first answers of today from the first message that waited for them", async ({ db }) => {
  const { inbox, read, store, startsAtMs } = await openDay(db);
  expect((await read(1)).firstAnswer).toBeNull();
  // Yesterday's message, answered today; two messages with one answer and a second text; a message without an answer.
  await store({ ...received, timestampMs: startsAtMs - minuteMs });
  await store({ ...sent, timestampMs: startsAtMs + minuteMs });
  await store({ ...received, timestampMs: startsAtMs + 10 * minuteMs });
  await store({ ...received, timestampMs: startsAtMs + 11 * minuteMs });
  await store({ ...sent, timestampMs: startsAtMs + 14 * minuteMs });
  await store({ ...sent, timestampMs: startsAtMs + 15 * minuteMs });
  await store({ ...received, timestampMs: startsAtMs + 20 * minuteMs });
  // Answered yesterday.
  const bia = await db.withCompany(inbox.companyId, (unit) =>
    openChat(unit, { sessionId: inbox.session.id, number: newNumber(), name: "Bia" }),
  );
  await store({ ...received, timestampMs: startsAtMs - 9 * minuteMs }, { ...inbox, ...bia });
  await store({ ...sent, timestampMs: startsAtMs - minuteMs }, { ...inbox, ...bia });
  expect((await read(1)).firstAnswer).toEqual({ answers: 2, medianMs: 3 * minuteMs, p90Ms: 3.8 * minuteMs });
});

test("counts sessions by status and what waits to be sent", async ({ db }) => {
  const { inbox, read } = await openDay(db);
  await db.withCompany(inbox.companyId, async ({ sessions, outboundQueue }) => {
    const { id } = await sessions.create({ name: "Removida", engine: "simulator" });
    await sessions.remove(id);
    await outboundQueue.add({ chatId: inbox.chat.id, body: "oi", userId: inbox.userId });
  });
  expect(await read(1)).toMatchObject({
    sessions: { connected: 0, disconnected: 1, qr: 0, connecting: 0 },
    sending: { waiting: 1, since: expect.any(String) },
  });
});

const olderMessages = 3_000;
const recentMessages = 20;

test("does not read messages from before the days of the history", async ({ db, owner, database }) => {
  const { inbox, store, startsAtMs } = await openDay(db);
  await store({ ...received, timestampMs: startsAtMs });
  const add = (count: number, from: number) =>
    owner.raw(
      `insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, source_order, occurred_at)
       select company_id, session_id, chat_id, direction, wa_key || n, type, body, source_order || n,
         to_timestamp(:from::float8 / 1000) from messages, generate_series(1, :count::int) n where body = 'bom dia'`,
      { count, from },
    );
  await add(recentMessages - 1, startsAtMs + minuteMs);
  await owner.raw("update messages set body = 'novo'");
  await store({ ...received, timestampMs: startsAtMs - 40 * dayMs });
  await add(olderMessages, startsAtMs - 40 * dayMs);
  await owner.raw("analyze messages");
  const app = openKnex(database.appUrl);
  onTestFinished(() => app.destroy());
  await app.transaction(async (trx) => {
    await trx.raw("select set_config('app.company_id', ?, true)", [inbox.companyId]);
    const scope = new Scope(trx, inbox.companyId, await PreparedStatements.of(trx, inbox.companyId));
    const before = await tuplesRead(trx, "messages");
    const { perDay } = await new StatisticsRepository(scope).read(30);
    expect(perDay.at(-1)).toMatchObject({ received: recentMessages });
    expect((await tuplesRead(trx, "messages")) - before).toBeLessThan(10 * recentMessages);
  });
});
