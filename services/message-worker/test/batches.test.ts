import { type AckJob, inboundJobOptions, jobIdOf, type MessageJob } from "@syszap/contracts";
import { connectDatabase } from "@syszap/database";
import { Random } from "@syszap/testing/oracle";
import { expect } from "vitest";
import { createProcessors } from "../src/processors/index.ts";
import { processMessages } from "../src/processors/message.ts";
import { asOwner, type Company, messageJob, type PublishedEvent, test, type World, waiting } from "./fixtures.ts";

const bodyIs = (body: string) => (event: PublishedEvent) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;
const addAll = ({ queue }: World, jobs: MessageJob[], attempts: number = inboundJobOptions.attempts) =>
  queue.addBulk(
    jobs.map((data) => ({
      name: "message",
      data,
      opts: { attempts, jobId: jobIdOf("message", data), backoff: { type: "fixed", delay: 10 } },
    })),
  );
/** A machine that does much else takes its time. */
const patient = { timeout: 10_000 };
const bodiesHeard = ({ listener }: Company) => listener.of("new_message").map(({ data }) => data.Body);

test("a poisonous message rests among the dead letters alone; those of its batch take one attempt", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  const jobs = Array.from({ length: 20 }, (_, n) =>
    messageJob(acme, { body: n === 7 ? "curse" : `fine ${n}`, client: { number: `55119${n}`, name: null } }),
  );
  await addAll(world, jobs, 2);
  await world.startWorker({ CONCURRENCY: "25" });
  const letters = async () => (await world.db.system.deadLetters.list({ limit: 50 })).items;
  await expect.poll(letters, patient).toMatchObject([{ companyId: acme.companyId, attempts: 2 }]);
  const fine = jobs.filter(({ body }) => body !== "curse");
  for (const { body } of fine) await acme.listener.next(bodyIs(body));
  expect(bodiesHeard(acme).sort()).toEqual(fine.map(({ body }) => body).sort());
  for (const job of fine) {
    await expect.poll(() => world.queue.getJob(jobIdOf("message", job)), patient).toMatchObject({ attemptsMade: 1 });
  }
});

test("a batch whose worker died between commit and publication is told once, however often it is tried", async ({
  world,
}) => {
  const acme = await world.openCompany();
  const jobs = Array.from({ length: 30 }, (_, n) =>
    messageJob(acme, { body: `${n}`, timestampMs: 1_000 + n, client: { number: `5511${n % 5}`, name: "Ana" } }),
  );
  const dead = createProcessors(world.db); // its publications all fail
  await Promise.all(jobs.map((job) => dead.message(job)));
  expect(acme.listener.heard).toEqual([]);
  await addAll(world, jobs);
  await world.startWorker({ CONCURRENCY: "25" });
  for (const { body } of jobs) await acme.listener.next(bodyIs(body));
  await addAll(world, jobs);
  await world.add("message", messageJob(acme, { body: "barrier" }));
  await acme.listener.next(bodyIs("barrier"));
  expect(bodiesHeard(acme)).toEqual([...jobs.map(({ body }) => body), "barrier"]);
  expect(acme.listener.of("new_client")).toHaveLength(6);
  for (const type of ["client_update", "chat_update"] as const) {
    expect(acme.listener.of(type), type).toHaveLength(jobs.length + 1);
  }
  const ids = acme.listener.heard.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("batches of two workers with the same people, chats and merges, in any order, never deadlock", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const random = new Random(23);
  const connect = () => connectDatabase({ ...database, maxConnections: 3, publish: async () => undefined });
  const workers = [connect(), connect()];
  const stored: MessageJob[] = [];
  /** Each person by phone, by LID or by both: rows begin, learn names and merge while others write to them. */
  const batch = (of: number, firstPerson: number) => {
    const jobs = Array.from({ length: 24 }, (_, n) => {
      const person = firstPerson + (n % 8);
      const [number, lid] = [`55119${person}`, `88${person}`];
      const client = random.pick([{ number }, { number: lid, lid }, { number, lid }]);
      return messageJob(acme, { body: `${firstPerson}.${of}.${n}`, client: { ...client, name: "Ana" } });
    });
    stored.push(...jobs);
    return jobs.toSorted(() => random.next() - 0.5);
  };
  const storeAll = (firstPerson: number) =>
    Promise.all(
      [0, 1, 2, 3].map((of) => processMessages(workers[of % 2] ?? world.db, acme.companyId, batch(of, firstPerson))),
    );
  for (let person = 10_000; person < 10_040; person += 4) await storeAll(person);

  // Rows that all know already, while somebody holds one of them: all stand in line with some rows taken.
  for (let round = 0; round < 4; round++) {
    const person = 10_000 + random.between(1, 6);
    let running: Promise<unknown> = Promise.resolve();
    await world.db.withCompany(acme.companyId, async ({ clientResolver }) => {
      await clientResolver.touchFromMessage({ number: `55119${person}`, name: null, contactAt: new Date() });
      running = storeAll(10_000);
      await expect.poll(() => asOwner(database, waiting), patient).toHaveLength(4);
    });
    await running;
  }
  await Promise.all(workers.map((db) => db.close()));
  const count = async (statement: string) => Number((await asOwner(database, statement))[0]?.count);
  expect(await count("select count(*) from messages")).toBe(stored.length);
  expect(await count("select sum(unread_count) as count from chats")).toBe(stored.length);
  expect(await count("select deadlocks as count from pg_stat_database where datname = current_database()")).toBe(0);
  const strays = `select count(*) from messages m join chats ch using (company_id) where ch.id = m.chat_id
    and (ch.merged_into is not null or exists (select from clients c where c.company_id = ch.company_id
      and c.id = ch.client_id and c.merged_into is not null))`;
  expect(await count(strays)).toBe(0);
});

/** Every receipt of every message, in any order. */
const receiptsOf = (jobs: readonly MessageJob[], random: Random): AckJob[] =>
  jobs
    .flatMap(({ companyId, sessionId, direction, waKey, timestampMs }) =>
      (["delivered", "read", "played"] as const).map((status) => ({
        ...{ companyId, sessionId, direction, waKey, status, timestampMs: timestampMs + 1 },
      })),
    )
    .toSorted(() => random.next() - 0.5);
const statuses = "select status, count(*)::int as count from messages group by status";
const deadlocks = "select deadlocks::int as count from pg_stat_database where datname = current_database()";

test("receipts share transactions, and each message ends with its last one; those that come first wait for it", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const random = new Random(5);
  const jobs = Array.from({ length: 40 }, (_, n) =>
    messageJob(acme, { direction: 1, status: "sent", body: `${n}`, timestampMs: 1_000 }),
  );
  const [known, unknown] = [jobs.slice(0, 20), jobs.slice(20)];
  await processMessages(world.db, acme.companyId, known);
  const processors = createProcessors(world.db);
  await Promise.all(receiptsOf(jobs, random).map((job) => processors.ack(job)));
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: known.length }]);
  const [written] = await asOwner(database, "select count(distinct xmin::text)::int as transactions from messages");
  expect(written?.transactions).toBeLessThanOrEqual(2);
  await processMessages(world.db, acme.companyId, unknown);
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: jobs.length }]);
});

test("a receipt that can't be stored fails alone", async ({ world, database }) => {
  const acme = await world.openCompany();
  const jobs = Array.from({ length: 20 }, (_, n) => messageJob(acme, { direction: 1, status: "sent", body: `${n}` }));
  await processMessages(world.db, acme.companyId, jobs);
  await asOwner(database, "alter table messages add constraint no_plays check (body <> '7' or status <> 'played')");
  const processors = createProcessors(world.db);
  const receipts = receiptsOf(jobs, new Random(6));
  const outcomes = await Promise.allSettled(receipts.map((job) => processors.ack(job)));
  const failed = receipts.filter((_, index) => outcomes[index]?.status === "rejected");
  expect(failed).toMatchObject([{ waKey: jobs[7]?.waKey, status: "played" }]);
  expect(await asOwner(database, `${statuses} order by status`)).toEqual([
    { status: "played", count: 19 },
    { status: "read", count: 1 },
  ]);
});

test("receipts of two workers for the same messages, beside those messages told again, never deadlock", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const jobs = Array.from({ length: 30 }, (_, n) =>
    messageJob(acme, { direction: 1, status: "sent", body: `${n}`, timestampMs: 1_000 }),
  );
  await processMessages(world.db, acme.companyId, jobs);
  const connect = () => connectDatabase({ ...database, maxConnections: 3, publish: async () => undefined });
  const workers = [connect(), connect()] as const;
  const receipts = receiptsOf(jobs, new Random(7));
  const told = jobs.map((job) => ({ ...job, status: "read" as const }));
  let running: Promise<unknown> = Promise.resolve();
  // Somebody holds one of the messages, so that all stand in line with some of the others taken.
  await world.db.withCompany(acme.companyId, async ({ messageChanges }) => {
    for (const held of jobs.slice(15, 16)) await messageChanges.advanceStatus(held, "delivered", { atMs: 2_000 });
    running = Promise.all([
      ...receipts.map(createProcessors(workers[0]).ack),
      ...receipts.toReversed().map(createProcessors(workers[1]).ack),
      processMessages(workers[0], acme.companyId, told),
      processMessages(workers[1], acme.companyId, told.toReversed()),
    ]);
    await expect.poll(() => asOwner(database, waiting), patient).toHaveLength(4);
  });
  await running;
  await Promise.all(workers.map((db) => db.close()));
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: jobs.length }]);
  expect(await asOwner(database, deadlocks)).toEqual([{ count: 0 }]);
});
