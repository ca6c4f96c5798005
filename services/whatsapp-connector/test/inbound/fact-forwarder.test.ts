import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { type EngineFact, SendError } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { openSpool, spooled } from "../support/spools.ts";
import { type ConnectorSettings, test, type World } from "../support/world.ts";

const client = { number: "5511912345678", name: null };
let keys = 0;
const messageFact = (waKey = `KEY${keys++}`, overrides: object = {}): EngineFact => ({
  kind: "message",
  ...{ waKey, client, waChatId: `${client.number}@c.us`, direction: 0, type: "text", body: "oi" },
  ...{ timestampMs: Date.now() + 60_000, isHistory: false },
  ...overrides,
});
const quick: NonNullable<ConnectorSettings["times"]> = { confirmation: { everyMs: 20, goneAfterMs: 200 } };

async function connected(world: World, settings: ConnectorSettings = {}) {
  const companyId = await world.company();
  const engine = new ScriptedEngine();
  const connector = await world.connector("a", { engines: { simulator: engine.create }, times: quick, ...settings });
  const session = await world.session(companyId);
  await world.status(session.id, "connected");
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
const keysOf = (world: World) =>
  world.jobs.all.filter(({ name }) => name === "message").map(({ data }) => (data as { waKey: string }).waKey);

/** Writes the spool of a connector that was killed. */
async function leaveBehind(world: World, facts: ReturnType<typeof spooled>[]): Promise<void> {
  const { spool } = await openSpool(join(world.directory, "spool", "a"));
  await Promise.all(facts.map((fact) => spool.append(fact)?.onDisk));
  await spool.close();
}

test("keeps a fact in the spool until its job is completed", async ({ world }) => {
  const { engine, connector } = await connected(world);
  engine.say().fact(messageFact("ONE"));
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(1);
  await expect.poll(() => metricOf(connector.port, "connector_spool_bytes")).toBeGreaterThan(100);
  world.takeJobs();
  await world.job("message");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
});

test("enqueues a job again, once, when Redis has lost it", async ({ world }) => {
  const { engine, connector } = await connected(world);
  const redis = new Redis(world.redisUrl);
  engine.say().fact(messageFact("LOST"));
  await expect.poll(() => redis.exists("bull:inbound-messages:wait")).toBe(1);
  await redis.flushall();
  redis.disconnect();
  await expect.poll(() => metricOf(connector.port, "connector_spool_rehanded_total")).toBe(1);
  world.takeJobs();
  expect((await world.job("message")).data.waKey).toBe("LOST");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  engine.say().fact(messageFact("BARRIER"));
  await world.job("message", ({ waKey }) => waKey === "BARRIER");
  expect(keysOf(world)).toEqual(["LOST", "BARRIER"]);
});

test("does not enqueue a dead-lettered job again, unless WhatsApp reports the fact again", async ({ world }) => {
  const { engine, connector, companyId } = await connected(world);
  const redis = new Redis(world.redisUrl);
  const fact = messageFact("DEAD");
  engine.say().fact(fact);
  await expect.poll(() => redis.llen("bull:inbound-messages:wait")).toBeGreaterThan(0);
  const jobId = (await redis.lrange("bull:inbound-messages:wait", 0, -1)).find((id) => id.includes("DEAD")) ?? "";
  await world.db.system.deadLetters.add({
    ...{ companyId, queue: "inbound-messages", jobName: "message", jobId, reason: "no worker could" },
    ...{ payloadSummary: "", payload: null, attempts: 8, failedAt: new Date() },
  });
  await redis.flushall(); // as if Redis had been replaced
  redis.disconnect();
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  world.takeJobs();
  engine.say().fact(messageFact("BARRIER"));
  await world.job("message", ({ waKey }) => waKey === "BARRIER");
  expect(keysOf(world)).toEqual(["BARRIER"]);
  engine.say().fact(fact);
  await world.job("message", ({ waKey }) => waKey === "DEAD");
});

test("forwards the unchanged facts that a killed process left, also those of sessions that it does not own", async ({
  world,
}) => {
  const companyId = await world.company();
  const session = await world.session(companyId, { isRunning: false });
  const origin = { companyId, sessionId: session.id, generation: 7 };
  await leaveBehind(world, [spooled(41, {}, origin), spooled(42, {}, origin)]);
  const connector = await world.connector("a", { engines: {}, times: quick });
  world.takeJobs();
  const first = await world.job("message", ({ waKey }) => waKey === "KEY41");
  const second = await world.job("message", ({ waKey }) => waKey === "KEY42");
  expect([first.data, second.data]).toMatchObject([
    { generation: 7, receipt: 41, body: "mensagem 41" },
    { generation: 7, receipt: 42 },
  ]);
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
});

test("forwards only the facts of its own spool when two connectors run", async ({ world }) => {
  const companyId = await world.company();
  const session = await world.session(companyId, { isRunning: false });
  await leaveBehind(world, [spooled(1, {}, { companyId, sessionId: session.id })]);
  world.takeJobs();
  const other = await world.connector("b", { engines: {}, times: quick });
  expect((await readiness(other.port)).status).toBe(200);
  expect(await metricOf(other.port, "connector_spool_rehanded_total")).toBe(0);
  await world.connector("a", { engines: {}, times: quick });
  await world.job("message", ({ waKey }) => waKey === "KEY1");
});

test("forwards a spooled message without its file when the session runs elsewhere", async ({ world }) => {
  const companyId = await world.company();
  const session = await world.session(companyId, { isRunning: false });
  const engine = new ScriptedEngine();
  engine.onDownload = async () => Buffer.from("a picture");
  const media = { handle: "h", mimeType: "image/png", fileName: null };
  const origin = { companyId, sessionId: session.id };
  const gone = { companyId, sessionId: (await world.session(companyId, { isRunning: false })).id };
  await leaveBehind(world, [
    spooled(1, { type: "image", media }, origin),
    spooled(2, { type: "image", media, waChatId: "5511900001111@c.us" }, gone),
  ]);
  const retry = { firstMs: 5, maxMs: 10 };
  await world.connector("a", {
    engines: { simulator: engine.create },
    times: { ...quick, media: { retry, attempts: 2 } },
  });
  world.takeJobs();
  for (const key of ["KEY1", "KEY2"]) {
    const { data } = await world.job("message", ({ waKey }) => waKey === key);
    expect(data).toMatchObject({ missingMedia: { state: "pending" }, mediaHandle: "h" });
  }
});

test("stores the file of a message although the engine fails during the download", async ({ world }) => {
  let downloads = 0;
  const retry = { firstMs: 5, maxMs: 10 };
  const { engine } = await connected(world, { times: { ...quick, media: { retry, attempts: 2 } } });
  engine.onDownload = async () => {
    downloads += 1;
    if (downloads === 1) throw new SendError("the engine's process has ended", "transient");
    return Buffer.from("a picture");
  };
  world.takeJobs();
  engine
    .say()
    .fact(messageFact("PIC", { type: "image", media: { handle: "h", mimeType: "image/png", fileName: null } }));
  expect((await world.job("message")).data.media).toMatchObject({ size: 9 });
});

test("forwards the accepted facts of a session that has ended", async ({ world }) => {
  const queueRedis = await world.redis();
  const { engine, companyId, session } = await connected(world, { env: { QUEUE_REDIS_URL: queueRedis.url } });
  await queueRedis.stop();
  engine.say().fact(messageFact("ONE"));
  await world.want(session, companyId, "stopped");
  await world.status(session.id, "stopped");
  await queueRedis.startAgain();
  world.takeJobs(queueRedis.url);
  expect((await world.job("message")).data.waKey).toBe("ONE");
});

test("drops a fact that is reported again while it is spooled or shortly after it was stored", async ({ world }) => {
  let downloads = 0;
  const { engine, connector } = await connected(world);
  engine.onDownload = async () => {
    downloads += 1;
    return Buffer.from("a picture");
  };
  world.takeJobs();
  const picture = messageFact("PIC", { type: "image", media: { handle: "h", mimeType: "image/png", fileName: null } });
  engine.say().fact(picture);
  engine.say().fact(picture);
  await world.job("message");
  await expect.poll(() => metricOf(connector.port, "connector_spool_records")).toBe(0);
  engine.say().fact(picture);
  expect(await metricOf(connector.port, "connector_facts_repeated_total")).toBe(2);
  expect(downloads).toBe(1);
});

test("forwards nothing and is not ready while the disk cannot be written, then continues by itself", async ({
  world,
}) => {
  await mkdir(join(world.directory, "spool"));
  await writeFile(join(world.directory, "spool", "a"), "a file where the directory should be");
  world.takeJobs();
  const { engine, connector } = await connected(world);
  engine.say().fact(messageFact("ONE"));
  await expect.poll(async () => (await readiness(connector.port)).status).toBe(503);
  expect((await readiness(connector.port)).checks["inbound spool"]).toContain("the spool cannot be written");
  expect(await metricOf(connector.port, "connector_jobs_enqueued_total")).toBeNaN(); // never counted
  await rm(join(world.directory, "spool", "a"));
  expect((await world.job("message")).data.waKey).toBe("ONE");
  expect((await readiness(connector.port)).checks["inbound spool"]).toBe("ok");
});

test("drops facts above the spool's limit and fetches them again when there is room", async ({ world }) => {
  const { engine, connector } = await connected(world, {
    spool: { records: 4 },
    times: { ...quick, session: { recovery: { firstMs: 5, maxMs: 20 } } },
  });
  await engine.calls.next(({ what }) => what === "fetchSince");
  const facts = Array.from({ length: 9 }, (_, at) => messageFact(`F${at}`, { timestampMs: Date.now() + 60_000 + at }));
  engine.onFetchSince = async (sinceMs) => {
    for (const fact of facts) if (fact.timestampMs >= sinceMs) engine.say().fact(fact);
  };
  for (const fact of facts) engine.say().fact(fact);
  expect(await metricOf(connector.port, "connector_facts_dropped_total")).toBe(5);
  expect((await readiness(connector.port)).checks["inbound spool"]).toContain("4 facts wait");
  world.takeJobs();
  for (const { kind, ...fact } of facts)
    await world.job("message", ({ waKey }) => kind === "message" && "waKey" in fact && waKey === fact.waKey);
  expect(keysOf(world).sort()).toEqual(facts.map((_, at) => `F${at}`));
});
