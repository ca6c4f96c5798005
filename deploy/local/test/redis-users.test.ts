import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../src/paths.ts";

/** Environment of the Redis container in the middle of a rotation. */
const environment = {
  REDIS_PASSWORD: "administrator",
  REDIS_REST_API_PASSWORD: "new-api",
  REDIS_WS_GATEWAY_PASSWORD: "gateway",
  REDIS_MESSAGE_WORKER_PASSWORD: "worker",
  REDIS_WEBHOOK_SENDER_PASSWORD: "sender",
  REDIS_WHATSAPP_CONNECTOR_PASSWORD: "connector",
  REDIS_OLD_PASSWORDS: "rest-api:old-api",
};
const folder = mkdtempSync(join(tmpdir(), "syszap-redis-users-"));
let server: Awaited<ReturnType<typeof startRedis>>;

const render = (env: Record<string, string>) =>
  execFileSync(join(root, "deploy/redis/render.sh"), [folder], { env: { PATH: process.env.PATH, ...env } });

beforeAll(async () => {
  render(environment);
  const settings = ["--aclfile", join(folder, "users.acl")];
  server = await startRedis({ password: environment.REDIS_PASSWORD, settings });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs one command as a user. Resolves with the first word of an error, or with the reply. */
async function as(username: string, password: string, ...[command = "", ...args]: string[]): Promise<unknown> {
  const redis = new Redis({ port: server.port, username, password, lazyConnect: true, retryStrategy: () => null });
  let refusal: unknown;
  redis.on("error", (error) => {
    refusal = error;
  });
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } catch (error) {
    const cause = refusal ?? error;
    return cause instanceof Error ? cause.message.split(" ")[0] : undefined;
  } finally {
    redis.disconnect();
  }
}

test("a service uses its own keys and channels, and none of the others", async () => {
  expect(await as("ws-gateway", "gateway", "SET", "rt:ticket:1", "1")).toBe("OK");
  expect(await as("ws-gateway", "gateway", "SET", "bull:inbound-messages:1", "1")).toBe("NOPERM");
  expect(await as("ws-gateway", "gateway", "GET", "rate:login:1")).toBe("NOPERM");
  expect(await as("webhook-sender", "sender", "PUBLISH", "cmd:{1}", "1")).toBe("NOPERM");
  expect(await as("webhook-sender", "sender", "GET", "bull:inbound-messages:1")).toBe("NOPERM");
  expect(await as("message-worker", "worker", "SET", "rate:login:1", "1")).toBe("NOPERM");
  expect(await as("rest-api", "new-api", "SET", "rate:login:1", "1")).toBe("OK");
});

test("no service can read all keys, change settings or users, or delete everything", async () => {
  for (const [user, password] of [
    ["rest-api", "new-api"],
    ["ws-gateway", "gateway"],
    ["message-worker", "worker"],
    ["webhook-sender", "sender"],
    ["whatsapp-connector", "connector"],
  ] as const)
    for (const command of [["KEYS", "*"], ["FLUSHALL"], ["CONFIG", "GET", "*"], ["ACL", "LIST"]])
      expect([user, command, await as(user, password, ...command)]).toEqual([user, command, "NOPERM"]);
});

test("nobody signs in without a password, and the administrator's works", async () => {
  expect(await as("default", "", "PING")).toBe("WRONGPASS");
  expect(await as("default", environment.REDIS_PASSWORD, "CONFIG", "GET", "maxmemory-policy")).toEqual(
    expect.arrayContaining(["noeviction"]),
  );
});

test("an old password works during a rotation, and ends when it is removed", async () => {
  expect(await as("rest-api", "old-api", "PING")).toBe("PONG");
  expect(await as("rest-api", "new-api", "PING")).toBe("PONG");
  render({ ...environment, REDIS_OLD_PASSWORDS: "" });
  expect(await as("default", environment.REDIS_PASSWORD, "ACL", "LOAD")).toBe("OK");
  expect(await as("rest-api", "old-api", "PING")).toBe("WRONGPASS");
  expect(await as("rest-api", "new-api", "PING")).toBe("PONG");
});

test("the script stores no password in clear text, and refuses a missing one", () => {
  const files = ["users.acl", "redis.conf"].map((name) => readFileSync(join(folder, name), "utf8")).join();
  for (const secret of ["administrator", "new-api"]) expect(files).not.toContain(secret);
  expect(() => render({ ...environment, REDIS_REST_API_PASSWORD: "" })).toThrow("the Redis user rest-api is missing");
});
