import type { PlatformHealth } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { readGatewayStats, readInstances } from "@syszap/event-bus";
import type { RedisClient } from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import { countJobs, readOldestWaitingAt } from "@syszap/queues";
import type { Queue } from "bullmq";

interface PlatformHealthDependencies {
  database: Database;
  redis: RedisClient;
  queue: Queue;
}

/** A Redis that hangs must not delay the answer: it is what the operator wants to know. */
const timeoutMs = 2_000;
const noGateways = { gateways: 0, totalConnections: 0 };

/** Reads the state of the platform from sources that exist anyway: heartbeats, leases, queue and tables. */
export async function readPlatformHealth({
  database,
  redis,
  queue,
}: PlatformHealthDependencies): Promise<PlatformHealth> {
  const [stored, waiting, unclaimed, lag, gateways, instances, jobs] = await Promise.all([
    database.system.platform.read(),
    database.system.outbound.waiting(),
    database.system.connectors.unclaimedSessions(),
    database.system.eventLog.lag(),
    available(readGatewayStats(redis, undefined)),
    available(readInstances(redis)),
    available(readQueue(queue)),
  ]);
  const { gateways: gatewayCount, totalConnections } = gateways ?? noGateways;
  const { workers = 0, ...queued } = jobs ?? { waiting: 0, active: 0, delayed: 0, oldestWaitingAt: null };
  const { connectors, leases, ...counts } = stored;
  const { consumers: count, maxEventsBehind, oldestUnacknowledgedAt } = lag;
  return {
    services: {
      postgres: true,
      redis: gateways !== undefined && jobs !== undefined,
      gateways: gatewayCount,
      connectors,
      workers,
    },
    connections: totalConnections,
    queue: queued,
    outbound: { waiting: waiting.count, oldestWaitingAt: waiting.oldestAt?.toISOString() ?? null },
    ...counts,
    instances: instances ?? [],
    leases: { ...leases, unclaimed },
    consumers: { count, maxEventsBehind, oldestUnacknowledgedAt: oldestUnacknowledgedAt?.toISOString() ?? null },
  };
}

async function readQueue(queue: Queue) {
  const [counts, oldest, workers] = await Promise.all([
    countJobs(queue),
    readOldestWaitingAt(queue),
    queue.getWorkersCount(),
  ]);
  return {
    waiting: counts.waiting + counts.prioritized,
    active: counts.active,
    delayed: counts.delayed,
    oldestWaitingAt: oldest?.toISOString() ?? null,
    workers,
  };
}

/** Undefined when Redis does not answer in time. */
async function available<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return resultWithin(
    answer.catch(() => undefined),
    timeoutMs,
  );
}
