import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keys, queues } from "@syszap/contracts";
import { startRedis } from "@syszap/testing";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { asOwner, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const letters = async (environment: TestEnvironment) =>
  (await environment.db.system.deadLetters.list({ limit: 50 })).items;

test("moves a malformed job to the dead letters, and processes the next job", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const { body: _, ...incomplete } = messageJob(acme, { client: { number: "not a number", name: "Secret name" } });
  await environment.queue.add("message", incomplete, { jobId: "malformed" });
  await environment.queue.add("message", "no object", { jobId: "text" });
  await environment.queue.add("no_such_job", { companyId: "neither" }, { jobId: "unknown", attempts: 1 });
  await environment.add("message", messageJob(acme, { body: "fine" }));
  await acme.events.next(({ type }) => type === "new_message");

  await expect.poll(() => letters(environment)).toHaveLength(3);
  const byId = new Map((await letters(environment)).map((letter) => [letter.jobId, letter]));
  expect(byId.get("malformed")).toMatchObject({ companyId: acme.companyId, jobName: "message", attempts: 1 });
  expect(byId.get("malformed")?.reason).toContain("body");
  expect(byId.get("malformed")?.payloadSummary).toContain("waChatId: text of");
  expect(JSON.stringify([...byId.values()])).not.toContain("Secret name");
  expect(byId.get("text")).toMatchObject({ companyId: null, payloadSummary: "text of 9" });
  expect(byId.get("unknown")?.reason).toBe("no processor for no_such_job");
  // The job id is free again, so that a corrected job of the same fact can be added.
  await expect.poll(() => environment.queue.getFailedCount()).toBe(0);
  const own = await environment.db.withCompany(acme.companyId, (unit) => unit.deadLetters.list({ limit: 10 }));
  expect(own.items.map(({ jobId }) => jobId)).toEqual(["malformed"]);
});

test("moves a job of an unknown company or session to the dead letters after one attempt", async ({ environment }) => {
  const [acme, globex] = [await environment.openCompany(), await environment.openCompany()];
  await environment.startWorker();
  await environment.add("message", messageJob({ ...acme, sessionId: globex.sessionId }));
  await expect.poll(() => letters(environment)).toMatchObject([{ companyId: acme.companyId, attempts: 1 }]);
  expect((await letters(environment))[0]?.reason).toBe("the company or session of the job does not exist");
  expect(acme.events.received).toEqual([]);
});

test("moves a job without attempts left to the dead letters, and keeps its payload", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  await environment.startWorker();
  const job = messageJob(acme, { body: "curse" });
  await environment.queue.add("message", job, { jobId: "cursed", attempts: 2, backoff: { type: "fixed", delay: 10 } });
  const { companyId } = acme;
  await expect.poll(() => letters(environment)).toMatchObject([{ companyId, jobId: "cursed", attempts: 2 }]);
});

test("the sweep publishes events that another process committed but did not publish", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await environment.db.withCompany(acme.companyId, async (unit) => {
    const { client } = await unit.clientResolver.touchFromMessage({
      number: "5511900",
      name: null,
      contactAt: new Date(),
    });
    unit.emit.clientUpdate(client);
  });
  expect(acme.events.received).toEqual([]);
  const swept = await acme.events.next(({ type }) => type === "client_update");
  expect(swept).toMatchObject({ version: 2, data: { WhatsApp_Number: "5511900" } });
});

test("jobs wait without losing an attempt while Postgres is unavailable, and continue afterwards", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  const proxy = await startProxy(Number(new URL(database.appUrl).port));
  const through = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  const { stop } = await environment.startWorker({
    DATABASE_URL: through(database.appUrl),
    SYSTEM_DATABASE_URL: through(database.systemUrl),
  });
  await environment.add("message", messageJob(acme, { body: "before" }));
  await acme.events.next(({ type }) => type === "chat_update");

  await proxy.cut();
  const ids = await Promise.all(
    [1, 2].map((n) => environment.add("message", messageJob(acme, { body: `during ${n}` }))),
  );
  await proxy.refused(5);
  for (const id of ids) expect(await environment.queue.getJob(id)).toMatchObject({ attemptsMade: 0 });
  await proxy.restore();
  await acme.events.next(
    ({ type, data }) => type === "chat_update" && (data as { Unread_Count: number }).Unread_Count === 3,
  );
  await stop();
  for (const id of ids) expect(await environment.queue.getJob(id)).toMatchObject({ attemptsMade: 1 });
  expect(await letters(environment)).toEqual([]);
  await proxy.close();
});

test("hands its jobs back when it stops while Postgres is unavailable", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  const proxy = await startProxy(Number(new URL(database.appUrl).port));
  const through = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  const { stop } = await environment.startWorker({
    DATABASE_URL: through(database.appUrl),
    SYSTEM_DATABASE_URL: through(database.systemUrl),
  });
  await proxy.cut();
  const id = await environment.add("message", messageJob(acme));
  await expect.poll(async () => (await environment.queue.getJob(id))?.getState()).toBe("active");
  await proxy.refused(3);
  await stop();
  expect(await (await environment.queue.getJob(id))?.getState()).toBe("delayed");
  expect(await environment.queue.getJob(id)).toMatchObject({ attemptsMade: 0 });
  await environment.startWorker();
  await acme.events.next(({ type }) => type === "new_message");
  await proxy.close();
});

test("continues without a restart when Redis was killed and started again", async ({ environment, onTestFinished }) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "syszap-worker-redis-"));
  const killed = await startRedis({ dataDirectory });
  const acme = await environment.openCompany();
  const queue = new Queue(queues.inboundMessages, { connection: { url: killed.url } });
  queue.on("error", () => undefined);
  const { stop } = await environment.startWorker({ QUEUE_REDIS_URL: killed.url });
  await queue.add("message", messageJob(acme, { body: "before" }));
  await acme.events.next(({ type }) => type === "chat_update");

  await killed.kill();
  const back = await startRedis({ dataDirectory, port: killed.port });
  onTestFinished(async () => {
    await back.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  });
  await queue.add("message", messageJob(acme, { body: "after", timestampMs: Date.now() }));
  await acme.events.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "after");
  expect(acme.events.of("new_message").map(({ data }) => data.Body)).toEqual(["before", "after"]);
  await Promise.all([stop(), queue.close()]);
});

test("checks what an empty Redis has lost before it processes jobs", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.add("message", messageJob(acme, { body: "first" }));
  await environment.startWorker();
  expect(await environment.redis.exists(keys.replayed)).toBe(1);
  await acme.events.next(({ type }) => type === "new_message");
});

test("stops although its Redis does not come back", async ({ environment }) => {
  const gone = await startRedis();
  const { stop } = await environment.startWorker({ QUEUE_REDIS_URL: gone.url });
  await gone.kill();
  await stop();
});

/** A TCP proxy between worker and Postgres. Cutting it makes Postgres unavailable for this worker only. */
async function startProxy(target: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  let refusals = 0;
  let onRefusal = () => {};
  const server: Server = createServer((client) => {
    if (isCut) {
      refusals++;
      onRefusal();
      client.destroy();
      return;
    }
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => [client, upstream].map((end) => sockets.delete(end) && end.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    cut: async () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    restore: async () => {
      isCut = false;
    },
    /** Resolves when `count` connections were refused since the cut. */
    refused: (count: number) =>
      new Promise<void>((resolve) => {
        onRefusal = () => refusals >= count && resolve();
        onRefusal();
      }),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
