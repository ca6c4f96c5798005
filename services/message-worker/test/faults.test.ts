import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queues } from "@syszap/contracts";
import { startRedis } from "@syszap/testing";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { asOwner, messageJob, test, type World } from "./fixtures.ts";

const letters = async (world: World) => (await world.db.system.deadLetters.list({ limit: 50 })).items;

test("a malformed job rests among the dead letters, and the next one goes through", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const { body: _, ...incomplete } = messageJob(acme, { client: { number: "not a number", name: "Secret name" } });
  await world.queue.add("message", incomplete, { jobId: "malformed" });
  await world.queue.add("message", "no object", { jobId: "text" });
  await world.queue.add("no_such_job", { companyId: "neither" }, { jobId: "unknown", attempts: 1 });
  await world.add("message", messageJob(acme, { body: "fine" }));
  await acme.listener.next(({ type }) => type === "new_message");

  await expect.poll(() => letters(world)).toHaveLength(3);
  const byId = new Map((await letters(world)).map((letter) => [letter.jobId, letter]));
  expect(byId.get("malformed")).toMatchObject({ companyId: acme.companyId, jobName: "message", attempts: 1 });
  expect(byId.get("malformed")?.reason).toContain("body");
  expect(byId.get("malformed")?.payloadSummary).toContain("waChatId: text of");
  expect(JSON.stringify([...byId.values()])).not.toContain("Secret name");
  expect(byId.get("text")).toMatchObject({ companyId: null, payloadSummary: "text of 9" });
  expect(byId.get("unknown")?.reason).toBe("no processor for no_such_job");
  // The job id is free again: the same fact, repaired, can come in.
  await expect.poll(() => world.queue.getFailedCount()).toBe(0);
  const own = await world.db.withCompany(acme.companyId, (unit) => unit.deadLetters.list({ limit: 10 }));
  expect(own.items.map(({ jobId }) => jobId)).toEqual(["malformed"]);
});

test("a job of a company or session that does not exist rests among the dead letters at once", async ({ world }) => {
  const [acme, globex] = [await world.openCompany(), await world.openCompany()];
  await world.startWorker();
  await world.add("message", messageJob({ ...acme, sessionId: globex.sessionId }));
  await expect.poll(() => letters(world)).toMatchObject([{ companyId: acme.companyId, attempts: 1 }]);
  expect((await letters(world))[0]?.reason).toBe("its company or session does not exist");
  expect(acme.listener.heard).toEqual([]);
});

test("a job that runs out of attempts rests among the dead letters, with what trying again needs", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  await asOwner(database, "alter table messages add constraint no_curses check (body <> 'curse')");
  await world.startWorker();
  const job = messageJob(acme, { body: "curse" });
  await world.queue.add("message", job, { jobId: "cursed", attempts: 2, backoff: { type: "fixed", delay: 10 } });
  const { companyId } = acme;
  await expect.poll(() => letters(world)).toMatchObject([{ companyId, jobId: "cursed", attempts: 2 }]);
});

test("what its own process committed but did not publish, the sweep of another publishes", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker();
  await world.db.withCompany(acme.companyId, async (unit) => {
    const { client } = await unit.clientResolver.touchFromMessage({
      number: "5511900",
      name: null,
      contactAt: new Date(),
    });
    unit.emit.clientUpdate(client);
  });
  expect(acme.listener.heard).toEqual([]);
  const swept = await acme.listener.next(({ type }) => type === "client_update");
  expect(swept).toMatchObject({ version: 2, data: { WhatsApp_Number: "5511900" } });
});

test("while Postgres is away jobs wait without losing an attempt, and go on when it is back", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  const proxy = await startProxy(Number(new URL(database.appUrl).port));
  const through = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  const { stop } = await world.startWorker({
    DATABASE_URL: through(database.appUrl),
    SYSTEM_DATABASE_URL: through(database.systemUrl),
  });
  await world.add("message", messageJob(acme, { body: "before" }));
  await acme.listener.next(({ type }) => type === "chat_update");

  await proxy.cut();
  const ids = await Promise.all([1, 2].map((n) => world.add("message", messageJob(acme, { body: `during ${n}` }))));
  await proxy.refused(5);
  for (const id of ids) expect(await world.queue.getJob(id)).toMatchObject({ attemptsMade: 0 });
  await proxy.mend();
  await acme.listener.next(
    ({ type, data }) => type === "chat_update" && (data as { Unread_Count: number }).Unread_Count === 3,
  );
  await stop();
  for (const id of ids) expect(await world.queue.getJob(id)).toMatchObject({ attemptsMade: 1 });
  expect(await letters(world)).toEqual([]);
  await proxy.close();
});

test("stopping while Postgres is away hands the jobs back for another worker", async ({ world, database }) => {
  const acme = await world.openCompany();
  const proxy = await startProxy(Number(new URL(database.appUrl).port));
  const through = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
  const { stop } = await world.startWorker({
    DATABASE_URL: through(database.appUrl),
    SYSTEM_DATABASE_URL: through(database.systemUrl),
  });
  await proxy.cut();
  const id = await world.add("message", messageJob(acme));
  await expect.poll(async () => (await world.queue.getJob(id))?.getState()).toBe("active");
  await proxy.refused(3);
  await stop();
  expect(await (await world.queue.getJob(id))?.getState()).toBe("delayed");
  expect(await world.queue.getJob(id)).toMatchObject({ attemptsMade: 0 });
  await world.startWorker();
  await acme.listener.next(({ type }) => type === "new_message");
  await proxy.close();
});

test("a worker goes on by itself when Redis was killed and came back", async ({ world, onTestFinished }) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "syszap-worker-redis-"));
  const killed = await startRedis({ dataDirectory });
  const acme = await world.openCompany();
  const queue = new Queue(queues.inboundMessages, { connection: { url: killed.url } });
  queue.on("error", () => undefined);
  const { stop } = await world.startWorker({ QUEUE_REDIS_URL: killed.url });
  await queue.add("message", messageJob(acme, { body: "before" }));
  await acme.listener.next(({ type }) => type === "chat_update");

  await killed.kill();
  const back = await startRedis({ dataDirectory, port: killed.port });
  onTestFinished(async () => {
    await back.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  });
  await queue.add("message", messageJob(acme, { body: "after", timestampMs: Date.now() }));
  await acme.listener.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "after");
  expect(acme.listener.of("new_message").map(({ data }) => data.Body)).toEqual(["before", "after"]);
  await Promise.all([stop(), queue.close()]);
});

test("a worker stops although its Redis is gone for good", async ({ world }) => {
  const gone = await startRedis();
  const { stop } = await world.startWorker({ QUEUE_REDIS_URL: gone.url });
  await gone.kill();
  await stop();
});

/** TCP between worker and Postgres that can be cut: as if the server had gone, for this worker alone. */
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
    mend: async () => {
      isCut = false;
    },
    /** Resolves when so many connections were refused since the cut. */
    refused: (count: number) =>
      new Promise<void>((resolve) => {
        onRefusal = () => refusals >= count && resolve();
        onRefusal();
      }),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
