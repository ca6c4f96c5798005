import { type AckJob, inboundJobOptions, type MessageJob } from "@syszap/contracts";
import { connectDatabase } from "@syszap/database";
import { jobIdOf } from "@syszap/queues";
import { Random } from "@syszap/testing/oracle";
import { expect } from "vitest";
import { createProcessors } from "../src/processors/index.ts";
import { processMessages } from "../src/processors/message.ts";
import {
  asOwner,
  type Company,
  lockWaits,
  messageJob,
  type PublishedEvent,
  type TestEnvironment,
  test,
} from "./fixtures.ts";

const bodyIs = (body: string) => (event: PublishedEvent) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;
const addAll = ({ queue }: TestEnvironment, jobs: MessageJob[], attempts: number = inboundJobOptions.attempts) =>
  queue.addBulk(
    jobs.map((data) => ({
      name: "message",
      data,
      opts: { attempts, jobId: jobIdOf("message", data), backoff: { type: "fixed", delay: 10 } },
    })),
  );
const receivedBodies = ({ events }: Company) => events.of("new_message").map(({ data }) => data.Body);

test("moves only the failing message of a batch to the dead letters; the others need one attempt", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  const jobs = Array.from({ length: 20 }, (_, n) =>
    messageJob(acme, { body: n === 7 ? "curse" : `fine ${n}`, client: { number: `55119${n}`, name: null } }),
  );
  await addAll(environment, jobs, 2);
  await environment.startWorker({ CONCURRENCY: "25" });
  const letters = async () => (await environment.db.system.deadLetters.list({ limit: 50 })).items;
  await expect.poll(letters).toMatchObject([{ companyId: acme.companyId, attempts: 2 }]);
  const fine = jobs.filter(({ body }) => body !== "curse");
  for (const { body } of fine) await acme.events.next(bodyIs(body));
  expect(receivedBodies(acme).sort()).toEqual(fine.map(({ body }) => body).sort());
  for (const job of fine) {
    await expect.poll(() => environment.queue.getJob(jobIdOf("message", job))).toMatchObject({ attemptsMade: 1 });
  }
});

test("publishes a batch once after its worker died between commit and publication", async ({ environment }) => {
  const acme = await environment.openCompany();
  const jobs = Array.from({ length: 30 }, (_, n) =>
    messageJob(acme, { body: `${n}`, timestampMs: 1_000 + n, client: { number: `5511${n % 5}`, name: "Ana" } }),
  );
  const dead = createProcessors(environment.db); // none of its events are published
  await Promise.all(jobs.map((job) => dead.message(job)));
  expect(acme.events.received).toEqual([]);
  await addAll(environment, jobs);
  await environment.startWorker({ CONCURRENCY: "25" });
  for (const { body } of jobs) await acme.events.next(bodyIs(body));
  await addAll(environment, jobs);
  await environment.add("message", messageJob(acme, { body: "barrier" }));
  await acme.events.next(bodyIs("barrier"));
  expect(receivedBodies(acme)).toEqual([...jobs.map(({ body }) => body), "barrier"]);
  expect(acme.events.of("new_client")).toHaveLength(6);
  for (const type of ["client_update", "chat_update"] as const) {
    expect(acme.events.of(type), type).toHaveLength(jobs.length + 1);
  }
  const ids = acme.events.received.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("batches of two workers with the same clients, groups, chats and merges do not deadlock, in any order", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const random = new Random(23);
  const connect = () => connectDatabase({ ...database, maxConnections: 3, publish: async () => undefined });
  const workers = [connect(), connect()];
  const stored: MessageJob[] = [];
  /** Names each client by phone, by LID or by both, so that rows are created, renamed and merged while others write to them. */
  const batch = (of: number, firstPerson: number) => {
    const jobs = Array.from({ length: 24 }, (_, n) => {
      const person = firstPerson + (n % 8);
      const [number, lid] = [`55119${person}`, `88${person}`];
      const client = random.pick([{ number }, { number: lid, lid }, { number, lid }]);
      const job = messageJob(acme, { body: `${firstPerson}.${of}.${n}`, client: { ...client, name: "Ana" } });
      const isInGroup = random.next() < 0.3;
      const waChatId = `12036300000000${firstPerson + (n % 3)}@g.us`;
      return isInGroup ? { ...job, waChatId, client: undefined, sender: { ...client, name: null } } : job;
    });
    stored.push(...jobs);
    return jobs.toSorted(() => random.next() - 0.5);
  };
  const storeAll = (firstPerson: number) =>
    Promise.all(
      [0, 1, 2, 3].map((of) =>
        processMessages(workers[of % 2] ?? environment.db, acme.companyId, batch(of, firstPerson)),
      ),
    );
  for (let person = 10_000; person < 10_040; person += 4) await storeAll(person);

  // The rows exist now, and one of them is locked: every batch waits while it holds some of the locks.
  for (let round = 0; round < 4; round++) {
    const person = 10_000 + random.between(1, 6);
    let running: Promise<unknown> = Promise.resolve();
    await environment.db.withCompany(acme.companyId, async ({ clientResolver }) => {
      await clientResolver.touchFromMessage({ number: `55119${person}`, name: null, contactAt: new Date() });
      running = storeAll(10_000);
      await expect.poll(() => asOwner(database, lockWaits)).toHaveLength(4);
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

/** All receipts of all messages, shuffled. */
const receiptsOf = (jobs: readonly MessageJob[], random: Random): AckJob[] =>
  jobs
    .flatMap(({ companyId, sessionId, direction, waKey, timestampMs }) =>
      (["delivered", "read", "played"] as const).map((status) => ({
        companyId,
        sessionId,
        direction,
        waKey,
        status,
        timestampMs: timestampMs + 1,
      })),
    )
    .toSorted(() => random.next() - 0.5);
const statuses = "select status, count(*)::int as count from messages group by status";
const deadlocks = "select deadlocks::int as count from pg_stat_database where datname = current_database()";

test("stores receipts in shared transactions, and keeps receipts that arrive before their message", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const random = new Random(5);
  const jobs = Array.from({ length: 40 }, (_, n) =>
    messageJob(acme, { direction: 1, status: "sent", body: `${n}`, timestampMs: 1_000 }),
  );
  const [known, unknown] = [jobs.slice(0, 20), jobs.slice(20)];
  await processMessages(environment.db, acme.companyId, known);
  const processors = createProcessors(environment.db);
  await Promise.all(receiptsOf(jobs, random).map((job) => processors.ack(job)));
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: known.length }]);
  const [written] = await asOwner(database, "select count(distinct xmin::text)::int as transactions from messages");
  expect(written?.transactions).toBeLessThanOrEqual(2);
  await processMessages(environment.db, acme.companyId, unknown);
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: jobs.length }]);
});

test("fails only the receipt that cannot be stored", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  const jobs = Array.from({ length: 20 }, (_, n) => messageJob(acme, { direction: 1, status: "sent", body: `${n}` }));
  await processMessages(environment.db, acme.companyId, jobs);
  await asOwner(database, "alter table messages add constraint no_plays check (body <> '7' or status <> 'played')");
  const processors = createProcessors(environment.db);
  const receipts = receiptsOf(jobs, new Random(6));
  const outcomes = await Promise.allSettled(receipts.map((job) => processors.ack(job)));
  const failed = receipts.filter((_, index) => outcomes[index]?.status === "rejected");
  expect(failed).toMatchObject([{ waKey: jobs[7]?.waKey, status: "played" }]);
  expect(await asOwner(database, `${statuses} order by status`)).toEqual([
    { status: "played", count: 19 },
    { status: "read", count: 1 },
  ]);
});

test("receipts of two workers do not deadlock with repeated reports of the same messages", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const jobs = Array.from({ length: 30 }, (_, n) =>
    messageJob(acme, { direction: 1, status: "sent", body: `${n}`, timestampMs: 1_000 }),
  );
  await processMessages(environment.db, acme.companyId, jobs);
  const connect = () => connectDatabase({ ...database, maxConnections: 3, publish: async () => undefined });
  const workers = [connect(), connect()] as const;
  const receipts = receiptsOf(jobs, new Random(7));
  const repeated = jobs.map((job) => ({ ...job, status: "read" as const }));
  let running: Promise<unknown> = Promise.resolve();
  // One message is locked, so that every transaction waits while it holds some of the locks.
  await environment.db.withCompany(acme.companyId, async ({ messageChanges }) => {
    for (const held of jobs.slice(15, 16)) await messageChanges.advanceStatus(held, "delivered", { atMs: 2_000 });
    running = Promise.all([
      ...receipts.map(createProcessors(workers[0]).ack),
      ...receipts.toReversed().map(createProcessors(workers[1]).ack),
      processMessages(workers[0], acme.companyId, repeated),
      processMessages(workers[1], acme.companyId, repeated.toReversed()),
    ]);
    await expect.poll(() => asOwner(database, lockWaits)).toHaveLength(4);
  });
  await running;
  await Promise.all(workers.map((db) => db.close()));
  expect(await asOwner(database, statuses)).toEqual([{ status: "played", count: jobs.length }]);
  expect(await asOwner(database, deadlocks)).toEqual([{ count: 0 }]);
});
