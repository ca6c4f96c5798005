import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase } from "@syszap/database";
import { type DatabaseUrls, databaseTest as test } from "@syszap/testing";
import { freePort, startBuiltService, startRedis } from "@syszap/testing/servers";
import { exportJWK, generateKeyPair } from "jose";
import pg from "pg";
import { expect, onTestFinished, vi } from "vitest";
import { allowedOrigin, password, passwordHash } from "../support/api-test.ts";

const patience = { timeout: 240_000 };
const poll = { timeout: 60_000, interval: 50 };

async function startApi(database: DatabaseUrls, redisUrl: string, more: Record<string, string> = {}) {
  const mediaDirectory = await mkdtemp(join(tmpdir(), "syszap-api-"));
  onTestFinished(() => rm(mediaDirectory, { recursive: true, force: true }));
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const service = await startBuiltService({
    service: "rest-api",
    env: {
      NODE_ENV: "test",
      DATABASE_URL: database.appUrl,
      SYSTEM_DATABASE_URL: database.systemUrl,
      REDIS_URL: redisUrl,
      TOKEN_SIGNING_KEY: JSON.stringify({ ...(await exportJWK(privateKey)), kid: "test" }),
      ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      MEDIA_DIRECTORY: mediaDirectory,
      ALLOWED_ORIGINS: allowedOrigin,
      DEFAULT_ENGINE: "simulator",
      ...more,
    },
  });
  onTestFinished(() => service.process.kill());
  return service;
}

/** Signs a new owner in. Resolves to a function that sends its requests. */
async function signIn(database: DatabaseUrls, url: string) {
  const db = connectDatabase({ ...database, publish: async () => undefined, maxConnections: 2 });
  const { id: companyId } = await db.system.companies.create({ name: "Padaria" });
  const email = `${randomUUID()}@example.com`;
  await db.system.logins.createUser({ companyId, email, name: "Ana", role: "owner", passwordHash: await passwordHash });
  await db.close();
  const headers = { "content-type": "application/json", origin: allowedOrigin };
  const body = JSON.stringify({ email, password });
  const answer = await fetch(`${url}/v1/auth/login`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  const { accessToken } = (await answer.json()) as { accessToken: string };
  return (method: string, path: string) =>
    fetch(`${url}${path}`, { method, headers: { ...headers, authorization: `Bearer ${accessToken}` } });
}

async function openOwner({ ownerUrl }: DatabaseUrls) {
  const owner = new pg.Client(ownerUrl);
  owner.on("error", () => undefined); // the fixture ends all connections
  await owner.connect();
  onTestFinished(() => owner.end());
  return owner;
}

test("starts and is ready without Redis, and uses it when it is there", patience, async ({ database }) => {
  const port = await freePort();
  const api = await startApi(database, `redis://127.0.0.1:${port}`);
  const send = await signIn(database, api.url);
  expect((await send("GET", "/v1/chats")).status).toBe(200);
  expect((await send("POST", "/v1/realtime/ticket")).status).toBe(503);
  const redis = await startRedis({ port });
  onTestFinished(() => redis.stop());
  await vi.waitFor(async () => expect((await send("POST", "/v1/realtime/ticket")).status).toBe(200), poll);
});

test("is ready while all connections for requests are in use", patience, async ({ database, redisUrl }) => {
  const api = await startApi(database, redisUrl);
  const send = await signIn(database, api.url);
  const owner = await openOwner(database);
  await owner.query("begin; lock table chats in access exclusive mode");
  const requests = Array.from({ length: 15 }, () => send("GET", "/v1/chats"));
  const waiting = "select count(*)::int as count from pg_locks where relation = 'chats'::regclass and not granted";
  await vi.waitFor(async () => expect((await owner.query(waiting)).rows[0].count).toBe(10), poll);
  const readiness = await fetch(`${api.url}/health/ready`);
  await owner.query("commit");
  expect(await readiness.json()).toMatchObject({ status: "ok" });
  await Promise.all(requests);
});

test("does not start on a database that is older than its release", patience, async ({ database, redisUrl }) => {
  const owner = await openOwner(database);
  const newest = "select max(id) from knex_migrations";
  const { rows } = await owner.query(`delete from knex_migrations where id = (${newest}) returning name`);
  await expect(startApi(database, redisUrl)).rejects.toThrow(
    `rest-api: The database is older than this release: 1 migrations have not run, from ${rows[0].name} on. Run the command`,
  );
  await owner.query("insert into knex_migrations (name, batch, migration_time) values ($1, 1, now())", [rows[0].name]);
});

test("serves requests for a while after it stopped being ready", patience, async ({ database, redisUrl }) => {
  const api = await startApi(database, redisUrl, { DRAIN_PAUSE_SECONDS: "300" });
  const send = await signIn(database, api.url);
  expect((await send("GET", "/v1/chats")).headers.get("connection")).toBe("keep-alive");
  process.kill(api.process.pid, "SIGTERM");
  await vi.waitFor(async () => expect((await fetch(`${api.url}/health/ready`)).status).toBe(503), poll);
  const answer = await send("GET", "/v1/chats");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("connection")).toBe("close");
});
