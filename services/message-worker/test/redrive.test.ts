import { randomUUID } from "node:crypto";
import { queues } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { removeFailedJob } from "@syszap/queues";
import { type Job, Worker } from "bullmq";
import { expect } from "vitest";
import { moveFailedJobs } from "../src/dead-letters.ts";
import { Redrive } from "../src/redrive.ts";
import { asOwner, type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const log = createLogger({ service: "test", level: "silent" });
const letters = async (environment: TestEnvironment) =>
  (await environment.db.system.deadLetters.list({ limit: 50 })).items;
const once = { attempts: 1 };
/** Makes storing the text "curse" fail until `lift` is called. */
async function rejectText(database: Parameters<typeof asOwner>[0]) {
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  return { lift: () => asOwner(database, "alter table messages drop constraint no_curses") };
}

async function deadLetter(environment: TestEnvironment, acme: Company, jobId: string) {
  await environment.queue.add("message", messageJob(acme, { body: "curse" }), { ...once, jobId });
  await expect.poll(() => letters(environment)).toMatchObject([{ jobId, state: "resting" }]);
  const [letter] = await letters(environment);
  if (!letter) throw new Error("no letter");
  return letter;
}

test("runs a redriven job again under its own id, and closes its letter and deletes the payload", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const { lift } = await rejectText(database);
  await environment.startWorker();
  const letter = await deadLetter(environment, acme, "cursed");
  await lift();
  await environment.db.withCompany(acme.companyId, ({ deadLetters }) => deadLetters.redrive(letter.id));
  await acme.events.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "curse");
  await expect.poll(() => letters(environment)).toMatchObject([{ id: letter.id, state: "solved", mayRedrive: false }]);
  expect(await environment.queue.getJob("cursed")).toMatchObject({ finishedOn: expect.any(Number) });
  expect(await environment.db.system.deadLetters.redrive(letter.id)).toBeUndefined();
  expect(acme.events.of("new_message")).toHaveLength(1);
});

test("returns a job that fails again to the same letter, and counts the failures", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await rejectText(database);
  await environment.startWorker();
  const letter = await deadLetter(environment, acme, "cursed");
  await environment.db.system.deadLetters.redrive(letter.id);
  await expect.poll(() => letters(environment)).toMatchObject([{ id: letter.id, state: "resting", failures: 2 }]);
  expect((await letters(environment))[0]?.createdAt).toBe(letter.createdAt);
});

test("accepts one of many concurrent redrives, and queues the job once with many workers", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const { lift } = await rejectText(database);
  const first = await environment.startWorker();
  const letter = await deadLetter(environment, acme, "cursed");
  await first.stop();
  await lift();
  const asked = await Promise.all(
    Array.from({ length: 8 }, () => environment.db.system.deadLetters.redrive(letter.id)),
  );
  expect(asked.filter(Boolean)).toHaveLength(1);
  const queueRedis = environment.redis;
  const redrives = Array.from(
    { length: 4 },
    () => new Redrive({ db: environment.db, inbound: environment.queue, queueRedis, log }),
  );
  const counts = await Promise.all(redrives.map((redrive) => redrive.round()));
  expect(counts.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(1);
  expect(await environment.queue.getWaiting()).toMatchObject([{ id: "cursed", name: "message" }]);
});

test("a worker that removes a failed job late does not remove the redriven job", async ({ environment }) => {
  const { queue, redis, db } = environment;
  const acme = await environment.openCompany();
  const failed = { jobId: "late", failedAt: new Date(Date.now() - 60_000) };
  await db.system.deadLetters.add({
    ...failed,
    companyId: acme.companyId,
    queue: queues.inboundMessages,
    jobName: "message",
    reason: "test",
    payloadSummary: "",
    payload: JSON.stringify(messageJob(acme)),
    attempts: 8,
  });
  const [letter] = await letters(environment);
  await db.system.deadLetters.redrive(letter?.id ?? "");
  await new Redrive({ db, inbound: queue, queueRedis: redis, log }).round();
  await removeFailedJob(queue, redis, failed);
  expect(await queue.getJob("late")).toBeDefined();
});

test("redrives a letter whose failed job is still in the queue", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  await rejectText(database);
  const { stop } = await environment.startWorker();
  await deadLetter(environment, acme, "cursed");
  await stop();
  // The state after a worker died between storing the letter and removing the job: the failed job is still in the queue.
  const [letter] = await letters(environment);
  const finishedOn = await failJob(environment, acme, "cursed");
  const failedAt = `to_timestamp(${finishedOn} / 1000.0)`;
  await asOwner(database, `set role syszap_system; update dead_letters set failed_at = ${failedAt}`);
  await environment.db.system.deadLetters.redrive(letter?.id ?? "");
  await new Redrive({ db: environment.db, inbound: environment.queue, queueRedis: environment.redis, log }).round();
  expect(await moveFailedJobs(environment.queue, environment.redis, environment.db, log)).toBe(0);
  expect(await environment.queue.getWaiting()).toMatchObject([{ id: "cursed" }]);
});

/** Adds a job and lets it fail for good. Returns the time of the failure in milliseconds. */
async function failJob({ queue, redis }: TestEnvironment, acme: Company, jobId: string): Promise<number> {
  const refuse = () => Promise.reject(new Error("failed on purpose"));
  const worker = new Worker(queue.name, refuse, { connection: redis });
  const failed = new Promise<Job | undefined>((resolve) => {
    worker.on("failed", resolve);
  });
  await queue.add("message", messageJob(acme), { ...once, jobId });
  const job = await failed;
  await worker.close();
  return job?.finishedOn ?? 0;
}

test("an operator can redrive a job without a company and with a numeric id", async ({ environment }) => {
  await environment.startWorker();
  await environment.queue.add("no_such_job", "no object", once);
  await expect.poll(() => letters(environment)).toMatchObject([{ companyId: null, jobId: "1", mayRedrive: true }]);
  const [letter] = await letters(environment);
  await environment.db.system.deadLetters.redrive(letter?.id ?? "");
  await expect.poll(() => letters(environment)).toMatchObject([{ id: letter?.id, companyId: null, failures: 2 }]);
});

test("queues a redriven job when the claim of a worker that died expires, although Redis lost the job", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const { lift } = await rejectText(database);
  const first = await environment.startWorker();
  const letter = await deadLetter(environment, acme, "cursed");
  await first.stop();
  await lift();
  await environment.db.system.deadLetters.redrive(letter.id);
  expect(await environment.db.system.deadLetters.claimRedriven(queues.inboundMessages)).toHaveLength(1); // by a worker that dies
  expect(await environment.db.system.deadLetters.claimRedriven(queues.inboundMessages)).toHaveLength(0);
  await asOwner(database, "set role syszap_system; update dead_letters set handed_at = now() - interval '1 minute'");
  await environment.startWorker();
  await acme.events.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "curse");
});

test("queues a failed message again once, publishes and signals it, and its letter follows the outcome", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const { sweeper } = await environment.startWorker();
  await environment.add("message", messageJob(acme));
  const { data } = await acme.events.next(({ type }) => type === "new_message");
  const { companyId, sessionId } = acme;
  const commands = await environment.commandsOf(companyId);
  const messageId = await addFailedMessage(environment, acme, (data as { Chat_Id: string }).Chat_Id);
  const [letter] = await letters(environment);
  await environment.db.withCompany(companyId, ({ deadLetters }) => deadLetters.redrive(letter?.id ?? ""));
  const event = await acme.events.next(
    ({ type, data }) => type === "message_status" && (data as { Status: string }).Status === "queued",
  );
  expect(event.data).toMatchObject({ Id: messageId });
  expect(await commands.next()).toEqual({ kind: "send_queued", sessionId });

  // The message fails again: no second letter is added, and the first one rests again.
  await environment.db.withCompany(companyId, ({ outboundQueue }) =>
    outboundQueue.failAll(sessionId, "not on WhatsApp"),
  );
  await sweeper.processRedrives();
  expect(await letters(environment)).toMatchObject([
    { id: letter?.id, state: "resting", failures: 2, reason: "not on WhatsApp" },
  ]);
  await environment.db.system.deadLetters.redrive(letter?.id ?? "");
  await sweeper.processRedrives();
  await asOwner(
    database,
    `set role syszap_app; set app.company_id = '${companyId}'; update messages set status = 'sent' where id = '${messageId}'`,
  );
  await expect.poll(() => letters(environment)).toMatchObject([{ id: letter?.id, state: "solved", failures: 2 }]);
});

/** Adds a message that failed for good, with its letter. Returns the message id. */
async function addFailedMessage(
  environment: TestEnvironment,
  { companyId, sessionId }: Company,
  chatId: string,
): Promise<string> {
  const { userId } = await environment.db.system.logins.createUser({
    companyId,
    email: `${randomUUID()}@example.com`,
    name: "Ana",
    role: "agent",
    passwordHash: "none",
  });
  return environment.db.withCompany(companyId, async ({ outboundQueue, deadLetters }) => {
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
