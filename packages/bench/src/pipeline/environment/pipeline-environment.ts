import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, type Database } from "@syszap/database";
import { startBuiltService, startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import pg from "pg";
import type { BenchmarkContext, Figures } from "../../harness/benchmark.ts";
import { openPostgres } from "../../harness/postgres.ts";

/** A company with one linked phone. */
export interface Tenant {
  companyId: string;
  sessionId: string;
}
/** Postgres and Redis with production settings: confirmed writes survive a kill. */
export interface PipelineEnvironment {
  folder: string;
  redisUrl: string;
  redis: Redis;
  postgresLog: string;
  urls: { ownerUrl: string; appUrl: string; systemUrl: string };
  database: Database;
  tenants: Tenant[];
  /** Runs a statement as the owner of the tables. */
  asOwner(statement: string, values?: unknown[]): Promise<{ count?: string }[]>;
  startWorker(): ReturnType<typeof startBuiltService>;
  /**
   * Runs ANALYZE, as autovacuum does within a minute. With old statistics of a table that has just been filled, Postgres
   * expects few rows per company and scans all of them for each message.
   */
  analyze(): Promise<void>;
  /** Number of outbox rows that are not marked as published. */
  unpublished(): Promise<number>;
}
/** One part of the benchmark. Resolves with its figures. */
export type Part = (environment: PipelineEnvironment, context: BenchmarkContext) => Promise<Figures>;

const companies = 4;

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
  const asOwner = async (statement: string, values: unknown[] = []): Promise<{ count?: string }[]> => {
    const owner = new pg.Client({ connectionString: urls.ownerUrl });
    await owner.connect();
    return (await owner.query(statement, values).finally(() => owner.end())).rows;
  };
  const analyze = async () => void (await asOwner("analyze"));
  const unpublished = async () =>
    Number((await asOwner("select count(*) from outbox where published_at is null"))[0]?.count);
  return {
    folder,
    redisUrl: server.url,
    redis,
    postgresLog,
    urls,
    database,
    tenants,
    asOwner,
    startWorker,
    analyze,
    unpublished,
  };
}

export async function openTenant(database: Database): Promise<Tenant> {
  const { id: companyId } = await database.system.companies.create({ name: "Bench" });
  const session = await database.withCompany(companyId, ({ sessions }) =>
    sessions.create({ name: "Bench", engine: "simulator" }),
  );
  return { companyId, sessionId: session.id };
}
