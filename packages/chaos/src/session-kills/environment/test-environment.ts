import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "@syszap/database";
import { type BuiltService, type LocalPostgres, type LocalRedis, startBuiltService } from "@syszap/testing/servers";
import { type StandIn, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { Restartable } from "../../framework/restartable.ts";
import type { DatabaseReader } from "../ledger/read-messages.ts";
import { type DataServers, openDataServers } from "./data-servers.ts";
import { newSigningKey } from "./signing-key.ts";

/** Servers, services and the stand-in for WhatsApp Web. Shared by all seeds; each seed has its own connectors. */
export interface TestEnvironment {
  folder: string;
  redisUrl: string;
  database: Database;
  records: DatabaseReader;
  worker: Restartable<BuiltService>;
  restApi: Restartable<BuiltService>;
  redis: Restartable<LocalRedis>;
  postgres: Restartable<LocalPostgres>;
  standIn: StandIn;
  /** Environment variables that all connectors share. */
  connectorEnvironment: Record<string, string>;
  close(): Promise<void>;
}

/** Starts the environment. If one part fails to start, those already started are stopped. */
export async function openTestEnvironment(): Promise<TestEnvironment> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await openAll((end) => closers.push(end))), close };
  } catch (err) {
    await close();
    throw err;
  }
}

async function openAll(onClose: (end: () => Promise<unknown>) => void): Promise<Omit<TestEnvironment, "close">> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-kills-"));
  onClose(() => rm(folder, { recursive: true, force: true }));
  const { redis, postgres, records, database, urls } = await openDataServers(folder, onClose);
  const standIn = await startStandIn({ syncMs: 100, deliveredMs: 150, readMs: null });
  onClose(() => standIn.close());
  return {
    folder,
    redisUrl: redis.current.url,
    redis,
    postgres,
    database,
    records,
    standIn,
    ...(await openServices(urls, redis.current, folder, onClose)),
  };
}

async function openServices(
  urls: DataServers["urls"],
  redis: LocalRedis,
  folder: string,
  onClose: (end: () => Promise<unknown>) => void,
) {
  const shared = {
    NODE_ENV: "development",
    LOG_LEVEL: "info",
    REDIS_URL: redis.url,
    DATABASE_URL: urls.appUrl,
    SYSTEM_DATABASE_URL: urls.systemUrl,
  };
  const start = async (service: string, env: Record<string, string>) => {
    const started = await Restartable.start((port) =>
      startBuiltService({
        service,
        env: { ...shared, ...env },
        logFile: join(folder, `${service}.log`),
        ...(port && { port }),
      }),
    );
    onClose(() => started.current.stop());
    return started;
  };
  const worker = await start("message-worker", { CONCURRENCY: "8" });
  const restApi = await start("rest-api", {
    TOKEN_SIGNING_KEY: newSigningKey(),
    ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    MEDIA_DIRECTORY: join(folder, "media"),
    DEFAULT_ENGINE: "wppconnect",
    ALLOWED_ORIGINS: "http://127.0.0.1",
  });
  const chromium = process.env.CHROMIUM_PATH;
  const connectorEnvironment = { ...shared, ...(chromium !== undefined && { CHROMIUM_PATH: chromium }) };
  return { worker, restApi, connectorEnvironment };
}
