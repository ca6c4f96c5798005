import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { startBuiltService, startPostgres, startRedis } from "../src/servers.ts";

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "syszap-servers-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs before the data directory is removed, also when the test fails: cleanups run in reverse order. */
function stopAfterTest<Server extends { stop(): Promise<void> }>(server: Server): Server {
  onTestFinished(() => server.stop());
  return server;
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client.query(statement).then(
    ({ rows }) => client.end().then(() => rows),
    (err) => client.end().then(() => Promise.reject(err)),
  );
}

test("Redis never evicts keys and keeps its data after a restart when it has a data directory", async () => {
  const dataDirectory = await scratch();
  const first = stopAfterTest(await startRedis({ dataDirectory }));
  const client = new Redis(first.url);
  client.on("error", () => undefined);
  expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  await client.set("kept", "yes");
  client.disconnect();
  await first.stop();
  const second = stopAfterTest(await startRedis({ dataDirectory, port: first.port }));
  const again = new Redis(second.url);
  expect(await again.get("kept")).toBe("yes");
  again.disconnect();
  await second.stop();
  expect(isAlive(second.pid)).toBe(false);
});

test("Postgres keeps its data after a kill and replaces a server that still uses the data directory", async () => {
  const dataDirectory = await scratch();
  const password = "correct horse battery staple";
  const first = stopAfterTest(await startPostgres({ dataDirectory, password }));
  await query(first.url("postgres"), "create table kept (answer int)");
  await query(first.url("postgres"), "insert into kept values (42)");
  const second = stopAfterTest(await startPostgres({ dataDirectory, password }));
  expect(await first.process.exited).toBeTypeOf("number");
  await second.kill();
  const third = stopAfterTest(await startPostgres({ dataDirectory, password }));
  expect(await query(third.url("postgres"), "select answer from kept")).toEqual([{ answer: 42 }]);
  await third.stop();
  expect(isAlive(third.pid)).toBe(false);
});

test("Postgres converts case beyond ASCII and rejects a wrong password", async () => {
  const postgres = await startPostgres({ dataDirectory: await scratch(), password: "right", isDurable: false });
  onTestFinished(() => postgres.destroy());
  const [row] = await query(postgres.url("postgres"), "select 'AÇÃO' ilike 'ação' as matches");
  expect(row).toEqual({ matches: true });
  const wrong = Object.assign(new URL(postgres.url("postgres")), { password: "wrong" }).href;
  await expect(query(wrong, "select 1")).rejects.toThrow(/password authentication failed/);
});

test.runIf(process.getuid?.() === 0)("Postgres runs for root where user namespaces are forbidden", async () => {
  const dataDirectory = await scratch();
  const postgres = await startPostgres({ dataDirectory, password: "right", isDurable: false, allowNamespace: false });
  onTestFinished(() => postgres.destroy());
  expect(await query(postgres.url("postgres"), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("servers stop when the process that started them is killed", { timeout: 300_000 }, async () => {
  const dataDirectory = await scratch();
  const script = fileURLToPath(new URL("./fixtures/start-servers.ts", import.meta.url));
  const owner = spawn(process.execPath, ["--import", "tsx", script, dataDirectory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(owner.stdout), "line");
  const servers: { redisUrl: string; postgresUrl: string } = JSON.parse(line);
  const redis = new Redis(servers.redisUrl, { retryStrategy: () => null });
  redis.on("error", () => undefined);
  const postgres = new pg.Client({ connectionString: servers.postgresUrl });
  postgres.on("error", () => undefined);
  await Promise.all([redis.ping(), postgres.connect()]);
  const ended = Promise.all(
    [redis, postgres].map((connection) => new Promise<void>((resolve) => connection.on("end", () => resolve()))),
  );
  owner.kill("SIGKILL");
  await ended;
  await expect.poll(() => existsSync(dataDirectory), { timeout: 60_000 }).toBe(false);
});

test("a service that exits before it is ready rejects with its log and leaves no folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "syszap-test-"));
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    return rm(folder, { recursive: true });
  });
  const started = startBuiltService({ service: "ws-gateway", env: {} });
  await expect(started).rejects.toThrow("ws-gateway exited with code 1 before it was ready");
  await expect(started).rejects.toThrow("TOKEN_KEY_SET_URL: is missing");
  expect(await readdir(folder)).toEqual([]);
});

test("a Redis with a password refuses connections without it", async () => {
  const server = stopAfterTest(await startRedis({ password: "0123456789abcdef" }));
  const open = (url: string) => {
    const redis = new Redis(url, { retryStrategy: () => null, lazyConnect: true });
    redis.on("error", () => undefined);
    return redis.ping().finally(() => redis.disconnect());
  };
  expect(await open(server.url)).toBe("PONG");
  await expect(open(`redis://127.0.0.1:${server.port}`)).rejects.toThrow("NOAUTH");
});
