import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase } from "@syszap/database";
import { Publisher } from "@syszap/event-bus";
import { type BuiltService, startBuiltService, startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { JWK } from "jose";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import { openPostgres } from "../harness/postgres.ts";
import type { ClientIdentity } from "./clients/commands.ts";
import { warmUpMark } from "./clients/delays.ts";
import type { ServerPids } from "./server-costs.ts";
import { createTenant, newKeyId, type PollingTenant, signAccessToken, untilChat, untilLinked } from "./tenants.ts";

export const clientsPerCompany = 10;
const origin = "http://bench.localhost";
const [loopback, addressesPerByte] = ["127.0.0.1", 250];
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** The whole product with simulated phones, and the identities of its clients. */
export interface PollingEnvironment {
  pids: ServerPids;
  clients: ClientIdentity[];
  /** A customer writes to the company. Resolves when the phone has received the message. */
  write(company: number, body: string): Promise<void>;
}

/** Starts all servers with production settings. */
export async function openPollingEnvironment(
  clients: number,
  onEnd: BenchmarkContext["onEnd"],
): Promise<PollingEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-bench-polling-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startRedis({ dataDirectory: join(folder, "redis") });
  onEnd(() => server.stop());
  const { urls, postgresPid } = await openPostgres(join(folder, "postgres"), onEnd);
  const key = newSigningKey();
  const shared = { REDIS_URL: server.url, DATABASE_URL: urls.appUrl, SYSTEM_DATABASE_URL: urls.systemUrl };
  const services = await startServices(
    { shared, key, folder, companies: Math.ceil(clients / clientsPerCompany) },
    onEnd,
  );

  const database = connectDatabase({ ...urls, maxConnections: 4, publish: async () => undefined });
  onEnd(() => database.close());
  const tenants: PollingTenant[] = [];
  for (let left = clients; left > 0; left -= clientsPerCompany)
    tenants.push(await createTenant(database, Math.min(left, clientsPerCompany)));
  const redis = new Redis(server.url);
  onEnd(async () => redis.disconnect());
  await new Publisher(redis, silent).wake();

  const write = (company: number, body: string) => writeTo(services.connector, tenants[company]?.sessionId ?? "", body);
  const identities: ClientIdentity[] = [];
  for (const [company, tenant] of tenants.entries()) {
    await untilLinked(database, tenant);
    await write(company, warmUpMark);
    const chatId = await untilChat(database, tenant);
    for (const userId of tenant.userIds) {
      const number = identities.length;
      identities.push({
        ...{ restUrl: services.restApi.url, gatewayPort: services.gateway.port, origin },
        address: `10.0.${Math.floor(number / addressesPerByte)}.${(number % addressesPerByte) + 1}`,
        ...{ companyId: tenant.companyId, sessionId: tenant.sessionId, chatId, userId },
        accessToken: await signAccessToken(key, tenant.companyId, userId),
      });
    }
  }
  const { restApi, gateway, worker, connector } = services;
  const pids = {
    ...{ restApi: restApi.process.pid, gateway: gateway.process.pid, worker: worker.process.pid },
    ...{ connector: connector.process.pid, redis: server.pid, postgres: postgresPid },
  };
  return { pids, clients: identities, write };
}

interface ServiceOptions {
  shared: Record<string, string>;
  key: JWK;
  folder: string;
  companies: number;
}

async function startServices({ shared, key, folder, companies }: ServiceOptions, onEnd: BenchmarkContext["onEnd"]) {
  const start = async (service: string, env: Record<string, string>): Promise<BuiltService> => {
    const started = await startBuiltService({ service, env: { LOG_LEVEL: "warn", ...shared, ...env } });
    onEnd(() => started.stop(10_000));
    return started;
  };
  const restApi = await start("rest-api", {
    ...{ NODE_ENV: "production", ALLOWED_ORIGINS: origin, DEFAULT_ENGINE: "simulator" },
    ...{ MEDIA_DIRECTORY: join(folder, "media"), TOKEN_SIGNING_KEY: JSON.stringify(key) },
    ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  });
  const gateway = await start("ws-gateway", {
    ...{ NODE_ENV: "production", NODE_OPTIONS: "--max-semi-space-size=4 --v8-pool-size=0" },
    ...{ ALLOWED_ORIGINS: origin, TRUSTED_PROXIES: loopback },
    TOKEN_KEY_SET_URL: `${restApi.url}/.well-known/jwks.json`,
  });
  const worker = await start("message-worker", { NODE_ENV: "production" });
  const connector = await start("whatsapp-connector", {
    // Commands to simulated phones are rejected in production.
    ...{ NODE_ENV: "test", CONNECTOR_ID: "bench", MAX_SESSIONS: String(companies), STARTS_AT_ONCE: "50" },
    ...{ MEDIA_DIRECTORY: join(folder, "media"), PROFILE_DIRECTORY: join(folder, "profiles") },
    ...{ SIMULATOR_ENABLED: "true", SIMULATOR_CONTROL: "true", SIMULATOR_SCAN_AFTER_MS: "50" },
  });
  return { restApi, gateway, worker, connector };
}

async function writeTo(connector: BuiltService, sessionId: string, body: string): Promise<void> {
  const answer = await fetch(`${connector.url}/simulator/sessions/${sessionId}/message`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ from: "5511987654321", name: "Cliente", body }),
  });
  await answer.text();
  if (!answer.ok) throw new Error(`The simulated phone answered with status ${answer.status}.`);
}

const newSigningKey = (): JWK => ({
  ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  kid: newKeyId(),
});
