import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, type Database, migrate } from "@syszap/database";
import {
  type BuiltService,
  ensureDatabase,
  type LocalPostgres,
  type LocalRedis,
  startBuiltService,
  startPostgres,
  startRedis,
} from "@syszap/testing/servers";
import { type StandIn, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { Restartable } from "../../framework/restartable.ts";
import { DatabaseReader } from "../ledger/read-messages.ts";

const databaseName = "kills";

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
  const redisFolder = join(folder, "redis");
  const redis = await Restartable.start((port) => startRedis({ dataDirectory: redisFolder, ...(port && { port }) }));
  onClose(() => redis.current.stop());
  const { postgres, ...urls } = await openDatabase(join(folder, "postgres"), onClose);
  const records = new DatabaseReader(urls.ownerUrl);
  onClose(() => records.close());
  // This process writes only data without events, so it needs no publisher.
  const database = connectDatabase({ ...urls, maxConnections: 2, publish: async () => undefined });
  onClose(() => database.close());
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
  urls: Omit<Awaited<ReturnType<typeof openDatabase>>, "postgres">,
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
    TOKEN_SIGNING_KEY: signingKey(),
    ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    MEDIA_DIRECTORY: join(folder, "media"),
    DEFAULT_ENGINE: "wppconnect",
    ALLOWED_ORIGINS: "http://127.0.0.1",
  });
  const chromium = process.env.CHROMIUM_PATH;
  const connectorEnvironment = { ...shared, ...(chromium !== undefined && { CHROMIUM_PATH: chromium }) };
  return { worker, restApi, connectorEnvironment };
}

async function openDatabase(dataDirectory: string, onClose: (end: () => Promise<unknown>) => void) {
  const [password, appPassword, systemPassword] = [newPassword(), newPassword(), newPassword()];
  const postgres = await Restartable.start((port) => startPostgres({ dataDirectory, password, ...(port && { port }) }));
  onClose(() => postgres.current.destroy());
  await ensureDatabase(postgres.current.url("postgres"), databaseName);
  const ownerUrl = postgres.current.url(databaseName);
  await migrate({ ownerUrl, appPassword, systemPassword });
  const asRole = (username: string, rolePassword: string) =>
    Object.assign(new URL(ownerUrl), { username, password: rolePassword }).href;
  return {
    postgres,
    ownerUrl,
    appUrl: asRole("syszap_app", appPassword),
    systemUrl: asRole("syszap_system", systemPassword),
  };
}

const newPassword = () => randomBytes(24).toString("hex");

function signingKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: randomBytes(8).toString("hex") });
}
