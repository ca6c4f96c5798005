import { randomUUID } from "node:crypto";
import type { MessageJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { createLogger, createMetrics } from "@syszap/platform";
import { expect } from "vitest";
import { createWorkerMetrics } from "../src/metrics.ts";
import { processMessages } from "../src/processors/message.ts";
import { Retention } from "../src/retention/retention.ts";
import { asOwner, type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const dayMs = 86_400_000;
const log = createLogger({ service: "test", level: "silent" });
const retentionOf = (db: Database) => {
  const metrics = createMetrics("message-worker");
  return { retention: new Retention({ db, metrics: createWorkerMetrics(metrics), log, batch: 3 }), metrics };
};
const daysAgo = (days: number) => Date.now() - days * dayMs;

const fileOf = ({ companyId }: Company, digit: string) => ({
  storageKey: `${companyId}/${digit}${digit}/${digit.repeat(64)}`,
  mimeType: "image/png",
  fileName: `${digit}.png`,
  size: 3,
  sha256: digit.repeat(64),
});
const oldAndNew = (acme: Company): MessageJob[] => [
  ...[40, 39, 38, 37, 36].map((days) => messageJob(acme, { body: `old ${days}`, timestampMs: daysAgo(days) })),
  messageJob(acme, { body: "old photo", kind: "image", media: fileOf(acme, "a"), timestampMs: daysAgo(35) }),
  messageJob(acme, { body: "photo", kind: "image", media: fileOf(acme, "b"), timestampMs: daysAgo(20) }),
  messageJob(acme, { body: "new", timestampMs: daysAgo(1) }),
];

/** Sets what the company keeps, as if it had been set two days ago. */
async function keep(db: Database, companyId: string, days: { messages?: number; files?: number; audit?: number }) {
  const { messages: keepMessagesDays = null, files: keepFilesDays = null, audit: keepAuditDays = null } = days;
  await db.withCompany(companyId, ({ settings }) =>
    settings.setRetention({ keepMessagesDays, keepFilesDays, keepAuditDays }),
  );
}
const aDayLater = (database: Parameters<typeof asOwner>[0]) =>
  asOwner(database, "update companies set retention_checked_at = retention_checked_at - interval '1 day'");

async function conversation({ db }: TestEnvironment, companyId: string) {
  return db.withCompany(companyId, async ({ chats, messages }) => {
    const [chat] = (await chats.list({ limit: 10 })).items;
    if (!chat) throw new Error("there is no chat");
    const { items } = await messages.listBefore(chat.id, { limit: 100 });
    return { chat, bodies: items.map(({ body }) => body).toReversed(), messages: items };
  });
}

test("deletes expired messages with their files, a day after the setting, and keeps the others", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const [acme, other] = [await environment.openCompany(), await environment.openCompany()];
  for (const company of [acme, other]) await processMessages(db, company.companyId, oldAndNew(company));
  const { retention, metrics } = retentionOf(db);
  await keep(db, acme.companyId, { messages: 30 });
  await retention.run();
  expect((await conversation(environment, acme.companyId)).bodies, "not before a day has passed").toHaveLength(8);

  await aDayLater(database);
  await retention.run();
  const { bodies, chat } = await conversation(environment, acme.companyId);
  expect(bodies).toEqual(["photo", "new"]);
  expect(chat).toMatchObject({ unreadCount: 2, lastMessage: { body: "new" } });
  expect((await conversation(environment, other.companyId)).bodies).toHaveLength(8);
  const files = await asOwner(database, "select company_id, storage_key from media order by storage_key");
  expect(files.filter(({ company_id }) => company_id === acme.companyId)).toHaveLength(1);
  const removals = await asOwner(database, "select storage_key from media_removals");
  expect(removals).toEqual([{ storage_key: fileOf(acme, "a").storageKey }]);

  const audit = "select company_id, actor_kind, after from audit_log where action = 'data_expired'";
  expect(await asOwner(database, audit)).toEqual([
    { company_id: acme.companyId, actor_kind: "system", after: { messages: 6, files: 0 } },
  ]);
  expect(await metrics.registry.metrics()).toMatch(/worker_expired_total\{[^}]*what="message"[^}]*\} 6/);
  await aDayLater(database);
  await retention.run();
  expect(await asOwner(database, audit), "nothing was left to delete").toHaveLength(1);
});

test("a chat whose messages are all gone stays, without last message and unread count", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  await processMessages(db, acme.companyId, oldAndNew(acme).slice(0, 5));
  const { chat: before } = await conversation(environment, acme.companyId);
  await keep(db, acme.companyId, { messages: 7 });
  await aDayLater(database);
  await retentionOf(db).retention.run();
  const { chat, bodies } = await conversation(environment, acme.companyId);
  expect(bodies).toEqual([]);
  expect(chat).toMatchObject({ id: before.id, unreadCount: 0, lastMessage: null, client: before.client });
  expect(chat.version).toBeGreaterThan(before.version);
  const [{ events }] = await asOwner(database, "select events from outbox order by created_at desc limit 1");
  expect(events).toEqual([expect.objectContaining({ type: "chat_update" })]);
});

test("expired messages do not return with WhatsApp's history, and their files are removed again", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  const jobs = oldAndNew(acme);
  await keep(db, acme.companyId, { messages: 30 });
  await processMessages(db, acme.companyId, jobs);
  await processMessages(
    db,
    acme.companyId,
    jobs.map((job) => ({ ...job, isHistory: true })),
  );
  expect((await conversation(environment, acme.companyId)).bodies).toEqual(["photo", "new"]);
  expect(await asOwner(database, "select storage_key from media_removals")).toEqual([
    { storage_key: fileOf(acme, "a").storageKey },
  ]);
  // Another chat with expired messages only does not appear.
  const client = { number: "5521977776666", name: "Bia" };
  await processMessages(db, acme.companyId, [messageJob(acme, { client, timestampMs: daysAgo(99), isHistory: true })]);
  expect(await asOwner(database, "select from chats")).toHaveLength(1);
});

test("keeps messages longer than their files, which do not return either", async ({ environment, database }) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  const jobs = oldAndNew(acme);
  await processMessages(db, acme.companyId, jobs);
  await keep(db, acme.companyId, { files: 10 });
  await aDayLater(database);
  await retentionOf(db).retention.run();
  const photos = async () =>
    (await conversation(environment, acme.companyId)).messages
      .filter(({ body }) => body.includes("photo"))
      .map(({ media, missingMedia }) => ({ media, state: missingMedia?.state, fileName: missingMedia?.fileName }));
  const expired = [
    { media: null, state: "expired", fileName: "b.png" },
    { media: null, state: "expired", fileName: "a.png" },
  ];
  expect(await photos()).toEqual(expired);
  expect(await asOwner(database, "select from media")).toHaveLength(0);
  await processMessages(db, acme.companyId, jobs);
  expect(await photos()).toEqual(expired);
  const [{ id = "" } = {}] = (await conversation(environment, acme.companyId)).messages.filter(
    ({ missingMedia }) => missingMedia,
  );
  expect(await db.withCompany(acme.companyId, ({ messageChanges }) => messageChanges.retryMedia(id))).toBe(
    "impossible",
  );
});

test("continues after a kill and counts everything; messages that are still to be sent stay", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  await processMessages(db, acme.companyId, oldAndNew(acme));
  const { chat } = await conversation(environment, acme.companyId);
  const { userId } = await db.system.logins.createUser({
    companyId: acme.companyId,
    email: `${randomUUID()}@example.com`,
    ...{ name: "Ana", role: "owner", passwordHash: "none" },
  });
  await db.withCompany(acme.companyId, ({ outboundQueue }) =>
    outboundQueue.add({ chatId: chat.id, body: "waiting", userId }),
  );
  await asOwner(database, "update messages set occurred_at = now() - interval '50 days' where status = 'queued'");
  await keep(db, acme.companyId, { messages: 30 });
  await aDayLater(database);

  // A process that dies after its first batch.
  const claimed = await db.system.retentions.claim(60_000);
  expect(claimed?.companyId).toBe(acme.companyId);
  await db.withCompany(acme.companyId, ({ retention }) => retention.removeMessages(3));
  const { retention } = retentionOf(db);
  await retention.run();
  expect((await conversation(environment, acme.companyId)).bodies, "another process has the lease").toHaveLength(6);
  await asOwner(database, "update companies set retention_leased_until = now()");
  await retention.run();
  expect((await conversation(environment, acme.companyId)).bodies).toEqual(["photo", "new", "waiting"]);
  const [entry] = await asOwner(database, "select after from audit_log where action = 'data_expired'");
  expect(entry.after).toEqual({ messages: 6, files: 0 });
});

test("the database lets services delete expired messages only", async ({ environment, database }) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  await processMessages(db, acme.companyId, oldAndNew(acme));
  const removeAll = `set role syszap_app; select set_config('app.company_id', '${acme.companyId}', false); delete from messages;`;
  await asOwner(database, removeAll);
  expect(await asOwner(database, "select from messages")).toHaveLength(8);
  await keep(db, acme.companyId, { messages: 30 });
  await asOwner(database, removeAll);
  expect(await asOwner(database, "select from messages")).toHaveLength(2);
});

test("the audit log is kept as long as the company has set, otherwise as the platform has", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const [short, long, plain] = [
    await environment.openCompany(),
    await environment.openCompany(),
    await environment.openCompany(),
  ];
  await keep(db, short.companyId, { audit: 30 });
  await keep(db, long.companyId, { audit: 1_000 });
  for (const { companyId } of [short, long, plain])
    for (const days of [900, 100, 1])
      await asOwner(
        database,
        `insert into audit_log (company_id, actor_kind, action, occurred_at)
         values ($1, 'system', 'settings_changed', now() - $2 * interval '1 day')`,
        [companyId, days],
      );
  await db.system.audit.deleteOld(730);
  const left = await asOwner(database, "select company_id, count(*)::int from audit_log group by 1");
  const countOf = (company: Company) => left.find(({ company_id }) => company_id === company.companyId)?.count;
  expect([short, long, plain].map(countOf)).toEqual([1, 3, 2]);
});
