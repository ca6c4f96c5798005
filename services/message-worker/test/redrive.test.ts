import { randomUUID } from "node:crypto";
import { inboundJobOptions, queues } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { removeFailedJob } from "@syszap/queues";
import { expect } from "vitest";
import { moveFailedJobs } from "../src/dead-letters.ts";
import { Redrive } from "../src/redrive.ts";
import { asOwner, type Company, messageJob, test, type World } from "./fixtures.ts";

const log = createLogger({ service: "test", level: "silent" });
const letters = async (world: World) => (await world.db.system.deadLetters.list({ limit: 50 })).items;
const once = { attempts: 1 };
/** Three attempts with their pauses, on a busy machine. */
const patience = { timeout: 10_000 };

/** Breaks the storing of one text for as long as nobody mends it. */
async function curse(database: Parameters<typeof asOwner>[0]) {
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  return { lift: () => asOwner(database, "alter table messages drop constraint no_curses") };
}

async function deadLetter(world: World, acme: Company, jobId: string) {
  await world.queue.add("message", messageJob(acme, { body: "curse" }), { ...once, jobId });
  await expect.poll(() => letters(world), patience).toMatchObject([{ jobId, state: "resting" }]);
  const [letter] = await letters(world);
  if (!letter) throw new Error("no letter");
  return letter;
}

test("a redriven job runs again under its own id, and its letter is closed without its payload", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const { lift } = await curse(database);
  await world.startWorker();
  const letter = await deadLetter(world, acme, "cursed");
  await lift();
  await world.db.withCompany(acme.companyId, ({ deadLetters }) => deadLetters.redrive(letter.id));
  await acme.listener.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "curse");
  await expect
    .poll(() => letters(world), patience)
    .toMatchObject([{ id: letter.id, state: "solved", mayRedrive: false }]);
  expect(await world.queue.getJob("cursed")).toMatchObject({ finishedOn: expect.any(Number) });
  expect(await world.db.system.deadLetters.redrive(letter.id)).toBeUndefined();
  expect(acme.listener.of("new_message")).toHaveLength(1);
});

test("what fails again comes back as the same letter with a grown count", async ({ world, database }) => {
  const acme = await world.openCompany();
  await curse(database);
  await world.startWorker();
  const letter = await deadLetter(world, acme, "cursed");
  await world.db.system.deadLetters.redrive(letter.id);
  await expect.poll(() => letters(world), patience).toMatchObject([{ id: letter.id, state: "resting", failures: 2 }]);
  expect((await letters(world))[0]?.createdAt).toBe(letter.createdAt);
});

test("of many who redrive a letter at once one does, and however many workers look it runs once", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const { lift } = await curse(database);
  const first = await world.startWorker();
  const letter = await deadLetter(world, acme, "cursed");
  await first.stop();
  await lift();
  const asked = await Promise.all(Array.from({ length: 8 }, () => world.db.system.deadLetters.redrive(letter.id)));
  expect(asked.filter(Boolean)).toHaveLength(1);
  const queueRedis = world.redis;
  const redrives = Array.from(
    { length: 4 },
    () => new Redrive({ db: world.db, inbound: world.queue, queueRedis, log }),
  );
  const counts = await Promise.all(redrives.map((redrive) => redrive.round()));
  expect(counts.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(1);
  expect(await world.queue.getWaiting()).toMatchObject([{ id: "cursed", name: "message" }]);
});

test("a worker that is late with removing a failed job does not take away the one that was redriven", async ({
  world,
}) => {
  const { queue, redis, db } = world;
  const acme = await world.openCompany();
  const failed = { jobId: "late", failedAt: new Date(Date.now() - 60_000) };
  await db.system.deadLetters.add({
    ...{ ...failed, companyId: acme.companyId, queue: queues.inboundMessages, jobName: "message" },
    ...{ reason: "test", payloadSummary: "", payload: JSON.stringify(messageJob(acme)), attempts: 8 },
  });
  const [letter] = await letters(world);
  await db.system.deadLetters.redrive(letter?.id ?? "");
  await new Redrive({ db, inbound: queue, queueRedis: redis, log }).round();
  await removeFailedJob(queue, redis, failed);
  expect(await queue.getJob("late")).toBeDefined();
});

test("a letter whose failed job is still in the queue is redriven all the same", async ({ world, database }) => {
  const acme = await world.openCompany();
  await curse(database);
  const { stop } = await world.startWorker();
  await deadLetter(world, acme, "cursed");
  await stop();
  // As after a worker that died between the letter and the removal: written down, and still failed in the queue.
  const [letter] = await letters(world);
  const failedAt = new Date(letter?.failedAt ?? 0).getTime();
  await world.queue.add("message", messageJob(acme), { ...inboundJobOptions, jobId: "cursed" });
  await world.redis.lrem(world.queue.toKey("wait"), 0, "cursed");
  await world.redis.zadd(world.queue.toKey("failed"), failedAt, "cursed");
  await world.db.system.deadLetters.redrive(letter?.id ?? "");
  await new Redrive({ db: world.db, inbound: world.queue, queueRedis: world.redis, log }).round();
  expect(await moveFailedJobs(world.queue, world.redis, world.db, log)).toBe(0);
  expect(await world.queue.getWaiting()).toMatchObject([{ id: "cursed" }]);
});

test("a job that names no company, under a number as its id, can be redriven by an operator", async ({ world }) => {
  await world.startWorker();
  await world.queue.add("no_such_job", "no object", once);
  await expect.poll(() => letters(world), patience).toMatchObject([{ companyId: null, jobId: "1", mayRedrive: true }]);
  const [letter] = await letters(world);
  await world.db.system.deadLetters.redrive(letter?.id ?? "");
  await expect.poll(() => letters(world), patience).toMatchObject([{ id: letter?.id, companyId: null, failures: 2 }]);
});

test("what was asked for while Redis had lost the job is put back when the claim of the dead worker runs out", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const { lift } = await curse(database);
  const first = await world.startWorker();
  const letter = await deadLetter(world, acme, "cursed");
  await first.stop();
  await lift();
  await world.db.system.deadLetters.redrive(letter.id);
  expect(await world.db.system.deadLetters.claimRedriven(queues.inboundMessages)).toHaveLength(1); // and it dies
  expect(await world.db.system.deadLetters.claimRedriven(queues.inboundMessages)).toHaveLength(0);
  await asOwner(database, "set role syszap_system; update dead_letters set handed_at = now() - interval '1 minute'");
  await world.startWorker();
  await acme.listener.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "curse");
});

test("a message that was given up is queued again once, published and signalled, and its letter follows its end", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const { sweeper } = await world.startWorker();
  await world.add("message", messageJob(acme));
  const { data } = await acme.listener.next(({ type }) => type === "new_message");
  const { companyId, sessionId } = acme;
  const commands = await world.commandsOf(companyId);
  const messageId = await givenUp(world, acme, (data as { Chat_Id: string }).Chat_Id);
  const [letter] = await letters(world);
  await world.db.withCompany(companyId, ({ deadLetters }) => deadLetters.redrive(letter?.id ?? ""));
  const told = await acme.listener.next(
    ({ type, data }) => type === "message_status" && (data as { Status: string }).Status === "queued",
  );
  expect(told.data).toMatchObject({ Id: messageId });
  expect(await commands.next()).toEqual({ kind: "send_queued", sessionId });

  // It fails for good this time, without another letter: the same one rests again.
  await world.db.withCompany(companyId, ({ outboundQueue }) => outboundQueue.failAll(sessionId, "not on WhatsApp"));
  await sweeper.processRedrives();
  expect(await letters(world)).toMatchObject([
    { id: letter?.id, state: "resting", failures: 2, reason: "not on WhatsApp" },
  ]);
  await world.db.system.deadLetters.redrive(letter?.id ?? "");
  await sweeper.processRedrives();
  await asOwner(
    database,
    `set role syszap_app; set app.company_id = '${companyId}'; update messages set status = 'sent' where id = '${messageId}'`,
  );
  await expect.poll(() => letters(world), patience).toMatchObject([{ id: letter?.id, state: "solved", failures: 2 }]);
});

/** A message whose sender ran out of attempts; the answer is its id. */
async function givenUp(world: World, { companyId, sessionId }: Company, chatId: string): Promise<string> {
  const { userId } = await world.db.system.logins.createUser({
    ...{ companyId, email: `${randomUUID()}@example.com`, name: "Ana", role: "agent", passwordHash: "none" },
  });
  return world.db.withCompany(companyId, async ({ outboundQueue, deadLetters }) => {
    await outboundQueue.add({ chatId, body: "oi", userId });
    const [message] = await outboundQueue.failAll(sessionId, "no answer");
    const id = message?.id ?? "";
    await deadLetters.add({
      companyId,
      queue: queues.outboundLetters,
      jobName: "send",
      jobId: id,
      reason: "no answer",
      payloadSummary: "",
      payload: "{}",
      attempts: 5,
      failedAt: new Date(),
    });
    return id;
  });
}
