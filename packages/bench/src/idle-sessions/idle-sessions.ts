import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectDatabase, type Database } from "@syszap/database";
import { type BuiltService, startBuiltService, startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { Benchmark, BenchmarkContext } from "../harness/benchmark.ts";
import { openPostgres } from "../harness/postgres.ts";
import { cpuSeconds, residentKb } from "../harness/process-costs.ts";

const defaultSessions = 1_000;
const sessionsPerCompany = 10;
const startsAtOnce = 50;
const settleMs = 10_000;
const measuredMs = 60_000;
const pollEveryMs = 500;
/** Only guards against hanging: 1,000 sessions connect much faster. */
const connectDeadlineMs = 300_000;

export const idleSessions: Benchmark = {
  name: "idle-sessions",
  about:
    "Redis connections, CPU per minute and memory of one connector with many connected, idle simulator sessions. Their number is set with --sessions.",
  goals: { redis_connections: "≤ 10" },
  async run(context) {
    const count = context.options.sessions ?? defaultSessions;
    const { database, redis, startConnector } = await openEnvironment(context);
    await createSessions(database, count);
    const before = await clientIds(redis);
    const connector = await startConnector(count);
    await untilConnected(connector, count, context);
    await delay(settleMs);
    const connectorPid = connector.process.pid;
    const redisPid = await pidOf(redis);
    const start = { connector: cpuSeconds(connectorPid), redis: cpuSeconds(redisPid), atMs: performance.now() };
    await delay(measuredMs);
    const minutes = (performance.now() - start.atMs) / 60_000;
    const after = await clientIds(redis);
    return {
      figures: {
        sessions: count,
        redis_connections: [...after].filter((id) => !before.has(id)).length,
        connector_cpu_s_per_min: (cpuSeconds(connectorPid) - start.connector) / minutes,
        redis_cpu_s_per_min: (cpuSeconds(redisPid) - start.redis) / minutes,
        connector_rss_mb: residentKb(connectorPid) / 1_024,
        redis_rss_mb: residentKb(redisPid) / 1_024,
      },
    };
  },
};

async function openEnvironment({ onEnd }: BenchmarkContext) {
  const folder = await mkdtemp(join(tmpdir(), "syszap-bench-idle-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startRedis();
  onEnd(() => server.stop());
  const redis = new Redis(server.url);
  onEnd(async () => redis.disconnect());
  const { urls } = await openPostgres(join(folder, "postgres"), onEnd);
  const database = connectDatabase({ ...urls, maxConnections: 2, publish: async () => undefined });
  onEnd(() => database.close());
  const startConnector = async (sessions: number) => {
    const connector = await startBuiltService({
      service: "whatsapp-connector",
      env: {
        NODE_ENV: "production",
        LOG_LEVEL: "warn",
        REDIS_URL: server.url,
        DATABASE_URL: urls.appUrl,
        SYSTEM_DATABASE_URL: urls.systemUrl,
        CONNECTOR_ID: "bench",
        MEDIA_DIRECTORY: join(folder, "media"),
        PROFILE_DIRECTORY: join(folder, "profiles"),
        MAX_SESSIONS: String(sessions),
        STARTS_AT_ONCE: String(startsAtOnce),
        SIMULATOR_ENABLED: "true",
        SIMULATOR_SCAN_AFTER_MS: "50",
      },
    });
    onEnd(() => connector.stop(60_000));
    return connector;
  };
  return { database, redis, startConnector };
}

async function createSessions(database: Database, count: number): Promise<void> {
  for (let created = 0; created < count; created += sessionsPerCompany) {
    const { id: companyId } = await database.system.companies.create({ name: "Bench" });
    await database.withCompany(companyId, async ({ sessions }) => {
      for (let at = created; at < Math.min(created + sessionsPerCompany, count); at += 1) {
        const { id } = await sessions.create({ name: `Bench ${at}`, engine: "simulator" });
        await sessions.setDesiredState(id, "running");
      }
    });
  }
}

/** Polls the session list on the connector's operations port. */
async function untilConnected(connector: BuiltService, count: number, { log }: BenchmarkContext): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await fetch(`${connector.url}/sessions`);
    const listed = (await answer.json()) as { detail: string }[];
    const connected = listed.filter(({ detail }) => detail === "connected").length;
    if (connected === count) break;
    if (performance.now() - startedMs > connectDeadlineMs)
      throw new Error(`Only ${connected} of ${count} sessions are connected.`);
    await delay(pollEveryMs);
  }
  log(`${count} sessions connected after ${Math.round((performance.now() - startedMs) / 1_000)} s.`);
}

async function clientIds(redis: Redis): Promise<Set<string>> {
  const list = String(await redis.client("LIST"));
  return new Set([...list.matchAll(/^id=(\d+) /gm)].map(([, id]) => id ?? ""));
}

async function pidOf(redis: Redis): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await redis.info("server"))?.[1]);
}
