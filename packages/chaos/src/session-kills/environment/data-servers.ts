import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { connectDatabase, type Database, migrate } from "@syszap/database";
import {
  ensureDatabase,
  type LocalPostgres,
  type LocalRedis,
  startPostgres,
  startRedis,
} from "@syszap/testing/servers";
import { Restartable } from "../../framework/restartable.ts";
import { DatabaseReader } from "../ledger/read-messages.ts";

const databaseName = "kills";

/** Redis and a migrated Postgres with durable files in the folder. */
export interface DataServers {
  redis: Restartable<LocalRedis>;
  postgres: Restartable<LocalPostgres>;
  records: DatabaseReader;
  database: Database;
  urls: { ownerUrl: string; appUrl: string; systemUrl: string };
}

type OnClose = (end: () => Promise<unknown>) => void;

export async function openDataServers(folder: string, onClose: OnClose): Promise<DataServers> {
  const redisFolder = join(folder, "redis");
  const redis = await Restartable.start((port) => startRedis({ dataDirectory: redisFolder, ...(port && { port }) }));
  onClose(() => redis.current.stop());
  const { postgres, ...urls } = await openDatabase(join(folder, "postgres"), onClose);
  const records = new DatabaseReader(urls.ownerUrl);
  onClose(() => records.close());
  // This process writes only data without events, so it needs no publisher.
  const database = connectDatabase({ ...urls, maxConnections: 2, publish: async () => undefined });
  onClose(() => database.close());
  return { redis, postgres, records, database, urls };
}

async function openDatabase(dataDirectory: string, onClose: OnClose) {
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
