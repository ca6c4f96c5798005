import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { type EngineFact, SendError } from "../../src/engines/contract/engine.ts";
import { emptyPage, ScriptedEngine } from "../support/scripted-engine.ts";
import { openSpool, spooled } from "../support/spools.ts";
import { type ConnectorSettings, type TestEnvironment, test } from "../support/test-environment.ts";

const client = { number: "5511912345678", name: null };
let keys = 0;
const messageFact = (waKey = `KEY${keys++}`, overrides: object = {}): EngineFact => ({
  kind: "message",
  ...{ waKey, client, waChatId: `${client.number}@c.us`, direction: 0, type: "text", body: "oi" },
  ...{ timestampMs: Date.now() + 60_000, isHistory: false },
  ...overrides,
});
const quick: NonNullable<ConnectorSettings["times"]> = { confirmation: { everyMs: 20, goneAfterMs: 200 } };

async function connected(environment: TestEnvironment, settings: ConnectorSettings = {}) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  const connector = await environment.connector("a", {
    engines: { simulator: engine.create },
    times: quick,
    ...settings,
  });
  const session = await environment.session(companyId);
  await environment.status(session.id, "connected");
  return { companyId, session, sessionId: session.id, engine, connector };
}
const metricOf = async (port: number, name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^syszap_${name}\\S* (\\S+)$`, "m").exec(text)?.[1]);
};
const readiness = async (port: number) => {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return { status: answer.status, checks: ((await answer.json()) as { checks: Record<string, string> }).checks };
};
const keysOf = (environment: TestEnvironment) =>
  environment.jobs.all.filter(({ name }) => name === "message").map(({ data }) => (data as { waKey: string }).waKey);

/** Writes the spool of a connector that was killed. */
async function leaveBehind(environment: TestEnvironment, facts: ReturnType<typeof spooled>[]): Promise<void> {
  const { spool } = await openSpool(join(environment.directory, "spool", "a"));
  await Promise.all(facts.map((fact) => spool.append(fact)?.onDisk));
  await spool.close();
}

test("keeps a fact in the spool until its job is completed", async ({ environment }) => {
  const { engine, connector } = await connected(environment);
  engine.emit().fact(messageFact("ONE"));
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(1);
  await expect.poll(() => metricOf(connector.port, "connector_spool_bytes")).toBeGreaterThan(100);
  environment.takeJobs();
  await environment.job("message");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
});

test("forwards live messages while recovered ones wait for their rate", async ({ environment }) => {
  const companyId = await environment.company();
  const { id: sessionId } = await environment.session(companyId, { isRunning: false });
  const origin = { companyId, sessionId, isRecovered: true };
  await leaveBehind(
    environment,
    Array.from({ length: 100 }, (_, receipt) => spooled(receipt, {}, origin)),
  );
  const { engine } = await connected(environment, { env: { RECOVERED_FACTS_PER_SECOND: "1" } });
  environment.takeJobs();
  engine.emit().fact(messageFact("LIVE"));
  await expect.poll(() => keysOf(environment)).toContain("LIVE");
  expect(keysOf(environment).length).toBeLessThan(100);
});

test("enqueues a job again, once, when Redis has lost it", async ({ environment }) => {
  const { engine, connector } = await connected(environment);
  const redis = new Redis(environment.redisUrl);
  engine.emit().fact(messageFact("LOST"));
  await expect.poll(() => redis.exists("bull:inbound-messages:wait")).toBe(1);
  await redis.flushall();
  redis.disconnect();
  await expect.poll(() => metricOf(connector.port, "connector_spool_rehanded_total")).toBe(1);
  environment.takeJobs();
  expect((await environment.job("message")).data.waKey).toBe("LOST");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  engine.emit().fact(messageFact("BARRIER"));
  await environment.job("message", ({ waKey }) => waKey === "BARRIER");
  expect(keysOf(environment)).toEqual(["LOST", "BARRIER"]);
});

test("does not enqueue a dead-lettered job again, unless WhatsApp reports the fact again", async ({ environment }) => {
  const { engine, connector, companyId } = await connected(environment);
  const redis = new Redis(environment.redisUrl);
  const fact = messageFact("DEAD");
  engine.emit().fact(fact);
  // The queue may hold a job of the contact too.
  const waitingMessage = async () =>
    (await redis.lrange("bull:inbound-messages:wait", 0, -1)).find((id) => id.startsWith("message|"));
  await expect.poll(waitingMessage).toBeDefined();
  const jobId = (await waitingMessage()) ?? "";
  await environment.db.system.deadLetters.add({
    ...{ companyId, queue: "inbound-messages", jobName: "message", jobId, reason: "no worker could" },
    ...{ payloadSummary: "", payload: null, attempts: 8, failedAt: new Date() },
  });
  await redis.flushall(); // as if Redis had been replaced
  redis.disconnect();
  environment.takeJobs(); // for the contact's job, which is enqueued again
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  engine.emit().fact(messageFact("BARRIER"));
  await environment.job("message", ({ waKey }) => waKey === "BARRIER");
  expect(keysOf(environment)).toEqual(["BARRIER"]);
  engine.emit().fact(fact);
  await environment.job("message", ({ waKey }) => waKey === "DEAD");
});

test("forwards the unchanged facts that a killed process left, also those of sessions that it does not own", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const session = await environment.session(companyId, { isRunning: false });
  const origin = { companyId, sessionId: session.id, generation: 7 };
  await leaveBehind(environment, [spooled(41, {}, origin), spooled(42, {}, origin)]);
  const connector = await environment.connector("a", { engines: {}, times: quick });
  environment.takeJobs();
  const first = await environment.job("message", ({ waKey }) => waKey === "KEY41");
  const second = await environment.job("message", ({ waKey }) => waKey === "KEY42");
  expect([first.data, second.data]).toMatchObject([
    { generation: 7, receipt: 41, body: "mensagem 41" },
    { generation: 7, receipt: 42 },
  ]);
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
});

test("forwards only the facts of its own spool when two connectors run", async ({ environment }) => {
  const companyId = await environment.company();
  const session = await environment.session(companyId, { isRunning: false });
  await leaveBehind(environment, [spooled(1, {}, { companyId, sessionId: session.id })]);
  environment.takeJobs();
  const other = await environment.connector("b", { engines: {}, times: quick });
  expect((await readiness(other.port)).status).toBe(200);
  expect(await metricOf(other.port, "connector_spool_rehanded_total")).toBe(0);
  await environment.connector("a", { engines: {}, times: quick });
  await environment.job("message", ({ waKey }) => waKey === "KEY1");
});

test("forwards a spooled message without its file when the session runs elsewhere", async ({ environment }) => {
  const companyId = await environment.company();
  const session = await environment.session(companyId, { isRunning: false });
  const engine = new ScriptedEngine();
  engine.onDownload = async () => Buffer.from("a picture");
  const media = { handle: "h", mimeType: "image/png", fileName: null };
  const origin = { companyId, sessionId: session.id };
  const gone = { companyId, sessionId: (await environment.session(companyId, { isRunning: false })).id };
  await leaveBehind(environment, [
    spooled(1, { type: "image", media }, origin),
    spooled(2, { type: "image", media, waChatId: "5511900001111@c.us" }, gone),
  ]);
  const retry = { firstMs: 5, maxMs: 10 };
  await environment.connector("a", {
    engines: { simulator: engine.create },
    times: { ...quick, media: { retry, attempts: 2 } },
  });
  environment.takeJobs();
  for (const key of ["KEY1", "KEY2"]) {
    const { data } = await environment.job("message", ({ waKey }) => waKey === key);
    expect(data).toMatchObject({ missingMedia: { state: "pending" }, mediaHandle: "h" });
  }
});

test("stores the file of a message although the engine fails during the download", async ({ environment }) => {
  let downloads = 0;
  const retry = { firstMs: 5, maxMs: 10 };
  const { engine } = await connected(environment, { times: { ...quick, media: { retry, attempts: 2 } } });
  engine.onDownload = async () => {
    downloads += 1;
    if (downloads === 1) throw new SendError("the engine's process has ended", "transient");
    return Buffer.from("a picture");
  };
  environment.takeJobs();
  engine
    .emit()
    .fact(messageFact("PIC", { type: "image", media: { handle: "h", mimeType: "image/png", fileName: null } }));
  expect((await environment.job("message")).data.media).toMatchObject({ size: 9 });
});

test("forwards the accepted facts of a session that has ended", async ({ environment }) => {
  const queueRedis = await environment.redis();
  const { engine, companyId, session } = await connected(environment, { env: { QUEUE_REDIS_URL: queueRedis.url } });
  await queueRedis.stop();
  engine.emit().fact(messageFact("ONE"));
  await environment.want(session, companyId, "stopped");
  await environment.status(session.id, "stopped");
  await queueRedis.startAgain();
  environment.takeJobs(queueRedis.url);
  expect((await environment.job("message")).data.waKey).toBe("ONE");
});

test("drops a fact that is reported again while it is spooled or shortly after it was stored", async ({
  environment,
}) => {
  let downloads = 0;
  const { engine, connector } = await connected(environment);
  engine.onDownload = async () => {
    downloads += 1;
    return Buffer.from("a picture");
  };
  environment.takeJobs();
  const picture = messageFact("PIC", { type: "image", media: { handle: "h", mimeType: "image/png", fileName: null } });
  engine.emit().fact(picture);
  engine.emit().fact(picture);
  await environment.job("message");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  engine.emit().fact(picture);
  expect(await metricOf(connector.port, "connector_facts_repeated_total")).toBe(2);
  expect(downloads).toBe(1);
});

test("forwards nothing and is not ready while the disk cannot be written, then continues by itself", async ({
  environment,
}) => {
  await mkdir(join(environment.directory, "spool"));
  await writeFile(join(environment.directory, "spool", "a"), "a file where the directory should be");
  environment.takeJobs();
  const { engine, connector } = await connected(environment);
  engine.emit().fact(messageFact("ONE"));
  await expect.poll(async () => (await readiness(connector.port)).status).toBe(503);
  expect((await readiness(connector.port)).checks["inbound spool"]).toContain("the spool cannot be written");
  expect(await metricOf(connector.port, "connector_jobs_enqueued_total")).toBeNaN(); // never counted
  await rm(join(environment.directory, "spool", "a"));
  expect((await environment.job("message")).data.waKey).toBe("ONE");
  expect((await readiness(connector.port)).checks["inbound spool"]).toBe("ok");
});

test("drops facts above the spool's limit and fetches them again when there is room", async ({ environment }) => {
  const { engine, connector } = await connected(environment, {
    spool: { records: 4 },
    times: { ...quick, session: { recovery: { firstMs: 5, maxMs: 20 } } },
  });
  await engine.calls.next(({ what }) => what === "readHistory");
  const facts = Array.from({ length: 9 }, (_, at) => messageFact(`F${at}`, { timestampMs: Date.now() + 60_000 + at }));
  engine.onReadHistory = async ({ sinceMs }) => ({
    ...emptyPage,
    facts: facts.filter(({ timestampMs }) => timestampMs >= sinceMs),
  });
  for (const fact of facts) engine.emit().fact(fact);
  expect(await metricOf(connector.port, "connector_facts_dropped_total")).toBe(5);
  expect((await readiness(connector.port)).checks["inbound spool"]).toContain("4 facts wait");
  environment.takeJobs();
  for (const { kind, ...fact } of facts)
    await environment.job("message", ({ waKey }) => kind === "message" && "waKey" in fact && waKey === fact.waKey);
  expect(keysOf(environment).sort()).toEqual(facts.map((_, at) => `F${at}`));
});
