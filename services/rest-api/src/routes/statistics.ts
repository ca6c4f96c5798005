import { type LiveStatistics, sessionManagers } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { readGatewayStats, readLatency } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import { countJobs } from "@syszap/queues";
import type { Queue } from "bullmq";
import type { HandlersOf } from "../endpoint.ts";

interface StatisticsDependencies {
  database: Database;
  redis: RedisClient;
  queue: Queue;
  log: Logger;
}

/** What is stored must be shown also while Redis hangs. */
const redisTimeoutMs = 1_000;

export function statisticsRoutes({ database, redis, queue, log }: StatisticsDependencies): HandlersOf<"getStatistics"> {
  /** Undefined when Redis does not answer in time. */
  const available = <Answer>(answer: Promise<Answer>): Promise<Answer | undefined> =>
    resultWithin(
      answer.catch((err: unknown) => {
        log.warn({ err }, "statistics without a part that Redis has");
        return undefined;
      }),
      redisTimeoutMs,
    );

  async function readLive(companyId: string): Promise<LiveStatistics | null> {
    const [presence, jobs] = await Promise.all([
      available(Promise.all([readGatewayStats(redis, companyId), readLatency(redis, companyId)])),
      available(countJobs(queue)),
    ]);
    if (!presence) return null;
    const [{ totalConnections, connections, gateways }, latency] = presence;
    return {
      people: new Set(connections.map(({ userId }) => userId)).size,
      connections: totalConnections,
      gateways,
      latency: latency ?? null,
      receiving: jobs ? jobs.waiting + jobs.prioritized + jobs.delayed : null,
    };
  }

  return {
    getStatistics: async ({ caller, query }) => {
      const isManager = caller.apiKeyId === undefined && sessionManagers.includes(caller.role);
      const [stored, live] = await Promise.all([
        database.withPerson(caller, ({ statistics }) => statistics.read(query.days)),
        isManager ? readLive(caller.companyId) : null,
      ]);
      return { ...stored, live };
    },
  };
}
