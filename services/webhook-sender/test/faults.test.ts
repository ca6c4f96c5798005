import { fileURLToPath } from "node:url";
import { startFaultProxy } from "@syszap/testing/fault-proxy";
import { freePort, type OwnedProcess, startOwnedProcess, startRedis } from "@syszap/testing/servers";
import { expect, onTestFinished } from "vitest";
import { addWebhook, eventually, logOf, tell, tellMany, test, type World } from "./fixtures.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** A process of its own, from the source. Resolves when it is ready. */
async function startProcess(world: World, change: Record<string, string> = {}): Promise<OwnedProcess> {
  const port = await freePort();
  const sender = await startOwnedProcess({
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), "src/main.ts"],
    cwd: folder,
    env: { PATH: process.env.PATH, ...world.environment, LOG_LEVEL: "silent", ...change, PORT: String(port) },
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

test("a sender killed in the middle loses nothing, and sends again only what was under way", {
  timeout: 40_000,
}, async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  const taken = new Set<string>();
  const take: Parameters<typeof receiver.answer>[0] = ({ id }, res) => {
    taken.add(id);
    res.writeHead(200).end();
  };
  receiver.answer(take);
  const webhook = await addWebhook(world, acme, receiver.url);
  const quick = { WEBHOOK_TIMEOUT_MS: "1000" };
  const killed = await startProcess(world, quick);
  const ids = await tellMany(world, acme, 400);
  await receiver.count(100);
  receiver.answer(() => undefined);
  await receiver.until(() => receiver.open === 4);
  await killed.kill();
  expect(taken.size).toBeLessThan(397);
  receiver.answer(take);
  await startProcess(world, quick);
  await receiver.until(() => taken.size === 400);
  expect(taken).toEqual(new Set(ids));
  // What was under way, and what was answered but not written down yet.
  expect(receiver.received.length).toBeLessThanOrEqual(408);
  await eventually(async () => (await logOf(world, acme, webhook)).every(({ state }) => state === "delivered")).toBe(
    true,
  );
});

test("two senders share the endpoints, and send each event once", async ({ world }) => {
  const acme = await world.openCompany();
  const receivers = await Promise.all(Array.from({ length: 4 }, () => world.receiver()));
  for (const { url } of receivers) await addWebhook(world, acme, url);
  await Promise.all([world.startSender(), world.startSender()]);
  const ids = await tellMany(world, acme, 60);
  for (const receiver of receivers) {
    await receiver.count(60);
    expect(receiver.received.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(receiver.mostOpen).toBeLessThanOrEqual(4);
  }
});

test("a sender that is stopped ends what is under way, and another goes on at once", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  receiver.answer((_received, res) => void setTimeout(() => res.writeHead(200).end(), 20));
  await addWebhook(world, acme, receiver.url);
  const first = await world.startSender();
  const ids = await tellMany(world, acme, 60);
  await receiver.count(10);
  await first.stop();
  expect(receiver.open).toBe(0);
  await world.startSender();
  const received = await receiver.count(60);
  expect(received.map(({ id }) => id).sort()).toEqual([...ids].sort());
});

test("a sender goes on by itself when Postgres was away", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  await addWebhook(world, acme, receiver.url);
  const proxy = await startFaultProxy(Number(new URL(world.environment.SYSTEM_DATABASE_URL ?? "").port));
  onTestFinished(() => proxy.close());
  const through = (url = "") => Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href;
  await world.startSender({
    DATABASE_URL: through(world.environment.DATABASE_URL),
    SYSTEM_DATABASE_URL: through(world.environment.SYSTEM_DATABASE_URL),
    WEBHOOK_TIMEOUT_MS: "1000",
  });
  await tell(world, acme);
  await receiver.count(1);
  proxy.refuse(true);
  proxy.cut();
  const ids = await tellMany(world, acme, 10);
  proxy.refuse(false);
  await receiver.until(() => ids.every((id) => receiver.received.some((each) => each.id === id)));
});

test("events are sent without Redis, which is needed for notices only", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  await addWebhook(world, acme, receiver.url);
  const redis = await startRedis();
  await world.startSender({ REDIS_URL: redis.url });
  await redis.kill();
  const ids = await tellMany(world, acme, 5);
  const received = await receiver.count(5);
  expect(received.map(({ id }) => id).sort()).toEqual([...ids].sort());
});
