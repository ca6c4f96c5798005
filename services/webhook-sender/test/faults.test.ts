import { fileURLToPath } from "node:url";
import { startFaultProxy } from "@syszap/testing/fault-proxy";
import { freePort, type OwnedProcess, startOwnedProcess, startRedis } from "@syszap/testing/servers";
import { expect, onTestFinished } from "vitest";
import { addWebhook, deliveriesOf, emitMany, emitStatus, eventually, type TestEnvironment, test } from "./fixtures.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Starts the service from source in its own process. Resolves when it is ready. */
async function startProcess(environment: TestEnvironment, change: Record<string, string> = {}): Promise<OwnedProcess> {
  const port = await freePort();
  const sender = await startOwnedProcess({
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), "src/main.ts"],
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment.processEnv, LOG_LEVEL: "silent", ...change, PORT: String(port) },
  });
  onTestFinished(() => sender.kill());
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(isReady).toBe(true);
  return sender;
}

test("a killed sender loses no event, and only requests in progress are repeated", {
  timeout: 120_000,
}, async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const taken = new Set<string>();
  const take: Parameters<typeof receiver.answer>[0] = ({ id }, res) => {
    taken.add(id);
    res.writeHead(200).end();
  };
  receiver.answer(take);
  const webhook = await addWebhook(environment, acme, receiver.url);
  const quick = { WEBHOOK_TIMEOUT_MS: "1000" };
  const killed = await startProcess(environment, quick);
  const ids = await emitMany(environment, acme, 400);
  await receiver.count(100);
  receiver.answer(() => undefined);
  await receiver.until(() => receiver.open === 4);
  await killed.kill();
  expect(taken.size).toBeLessThan(397);
  receiver.answer(take);
  await startProcess(environment, quick);
  await receiver.until(() => taken.size === 400);
  expect(taken).toEqual(new Set(ids));
  // At most 4 requests in progress and 4 answered but not yet recorded are repeated.
  expect(receiver.received.length).toBeLessThanOrEqual(408);
  await eventually(async () =>
    (await deliveriesOf(environment, acme, webhook)).every(({ state }) => state === "delivered"),
  ).toBe(true);
});

test("two senders share the endpoints and send each event once", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receivers = await Promise.all(Array.from({ length: 4 }, () => environment.receiver()));
  for (const { url } of receivers) await addWebhook(environment, acme, url);
  await Promise.all([environment.startSender(), environment.startSender()]);
  const ids = await emitMany(environment, acme, 60);
  for (const receiver of receivers) {
    await receiver.count(60);
    expect(receiver.received.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(receiver.maxOpen).toBeLessThanOrEqual(4);
  }
});

test("a stopped sender finishes its requests, and another sender continues", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer((_received, res) => void setTimeout(() => res.writeHead(200).end(), 20));
  await addWebhook(environment, acme, receiver.url);
  const first = await environment.startSender();
  const ids = await emitMany(environment, acme, 60);
  await receiver.count(10);
  await first.stop();
  expect(receiver.open).toBe(0);
  await environment.startSender();
  const received = await receiver.count(60);
  expect(received.map(({ id }) => id).sort()).toEqual([...ids].sort());
});

test("a sender resumes by itself when Postgres is back", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  await addWebhook(environment, acme, receiver.url);
  const proxy = await startFaultProxy(Number(new URL(environment.processEnv.SYSTEM_DATABASE_URL ?? "").port));
  onTestFinished(() => proxy.close());
  const through = (url = "") => Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
  await environment.startSender({
    DATABASE_URL: through(environment.processEnv.DATABASE_URL),
    SYSTEM_DATABASE_URL: through(environment.processEnv.SYSTEM_DATABASE_URL),
    WEBHOOK_TIMEOUT_MS: "1000",
  });
  await emitStatus(environment, acme);
  await receiver.count(1);
  proxy.refuse(true);
  proxy.cut();
  const ids = await emitMany(environment, acme, 10);
  proxy.refuse(false);
  await receiver.until(() => ids.every((id) => receiver.received.some((each) => each.id === id)));
});

test("events are sent while Redis is down", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  await addWebhook(environment, acme, receiver.url);
  const redis = await startRedis();
  await environment.startSender({ REDIS_URL: redis.url });
  await redis.kill();
  const ids = await emitMany(environment, acme, 5);
  const received = await receiver.count(5);
  expect(received.map(({ id }) => id).sort()).toEqual([...ids].sort());
});
