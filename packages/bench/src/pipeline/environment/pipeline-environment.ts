import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, type Database, migrate } from "@syszap/database";
import { ensureDatabase, startBuiltService, startPostgres, startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import pg from "pg";
import type { BenchmarkContext, Figures } from "../../harness/benchmark.ts";

/** A company with one linked phone. */
export interface Tenant {
  companyId: string;
  sessionId: string;
}
/** Postgres and Redis as production has them: nothing that either confirmed is lost with its process. */
export interface PipelineEnvironment {
  folder: string;
  redisUrl: string;
  redis: Redis;
  postgresLog: string;
  urls: { ownerUrl: string; appUrl: string; systemUrl: string };
  database: Database;
  tenants: Tenant[];
  startWorker(): ReturnType<typeof startBuiltService>;
  /**
   * As autovacuum does within a minute: of a table that filled since, Postgres believes that a company has a handful of rows, and
   * reads all of them for each message.
   */
  analyze(): Promise<void>;
}
/** What one part of this benchmark finds out, by the names of its figures. */
export type Part = (environment: PipelineEnvironment, context: BenchmarkContext) => Promise<Figures>;

const companies = 4;
const databaseName = "pipeline";

export async function openPipelineEnvironment({ onEnd }: BenchmarkContext): Promise<PipelineEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-bench-pipeline-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startRedis({ dataDirectory: join(folder, "redis") });
  onEnd(() => server.stop());
  const redis = new Redis(server.url);
  onEnd(async () => redis.disconnect());
  const { urls, postgresLog } = await openPostgres(join(folder, "postgres"), onEnd);
  const database = connectDatabase({ ...urls, maxConnections: 4, publish: async () => undefined });
  onEnd(() => database.close());
  const tenants: Tenant[] = [];
  while (tenants.length < companies) tenants.push(await openTenant(database));
  const startWorker = async () => {
    const worker = await startBuiltService({
      service: "message-worker",
      env: {
        ...{ NODE_ENV: "production", LOG_LEVEL: "warn", REDIS_URL: server.url },
        ...{ DATABASE_URL: urls.appUrl, SYSTEM_DATABASE_URL: urls.systemUrl },
      },
    });
    onEnd(() => worker.stop(10_000));
    return worker;
  };
  const analyze = async () => {
    const owner = new pg.Client({ connectionString: urls.ownerUrl });
    await owner.connect();
    await owner.query("analyze").finally(() => owner.end());
  };
  return { folder, redisUrl: server.url, redis, postgresLog, urls, database, tenants, startWorker, analyze };
}

export async function openTenant(database: Database): Promise<Tenant> {
  const { id: companyId } = await database.system.companies.create({ name: "Bench" });
  const session = await database.withCompany(companyId, ({ sessions }) =>
    sessions.create({ name: "Bench", engine: "simulator" }),
  );
  return { companyId, sessionId: session.id };
}

/** Migrated, with roles as services use them. */
export async function openPostgres(dataDirectory: string, onEnd: BenchmarkContext["onEnd"]) {
  const [password, appPassword, systemPassword] = [randomUUID(), randomBytes(16).toString("hex"), randomUUID()];
  const postgresLog = join(dataDirectory, "postgres.log");
  const postgres = await startPostgres({ dataDirectory, password, isScratch: true, logFile: postgresLog });
  onEnd(() => postgres.destroy());
  await ensureDatabase(postgres.url("postgres"), databaseName);
  const ownerUrl = postgres.url(databaseName);
  await migrate({ ownerUrl, appPassword, systemPassword });
  const urlOf = (username: string, password: string) => Object.assign(new URL(ownerUrl), { username, password }).href;
  const urls = {
    ownerUrl,
    appUrl: urlOf("syszap_app", appPassword),
    systemUrl: urlOf("syszap_system", systemPassword),
  };
  return { urls, postgresLog };
}
