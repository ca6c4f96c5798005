import { hostname } from "node:os";
import { keys } from "@syszap/contracts";
import { serviceVersion } from "@syszap/platform";
import { PeriodicTask, resultWithin } from "@syszap/platform/async";
import type { Cluster, Redis } from "ioredis";
import { type BusLog, guarded } from "../errors.ts";

const heartbeatEveryMs = 5_000;
/** An instance without a heartbeat for this time counts as gone. */
const aliveMs = 3 * heartbeatEveryMs;
const stopTimeoutMs = 500;

/** A running process. `instance` is the name of its host. */
export interface Instance {
  service: string;
  instance: string;
  pid: number;
  version: string;
  startedAt: string;
}

/** Announces this process to operators until the returned function is called. Without Redis it is not announced. */
export function announceInstance(redis: Redis | Cluster, service: string, log: BusLog): () => Promise<void> {
  const startedAt = new Date().toISOString();
  const own: Instance = { service, instance: hostname(), pid: process.pid, version: serviceVersion, startedAt };
  const member = JSON.stringify(own);
  let isFailing = false;
  const task = new PeriodicTask({
    everyMs: heartbeatEveryMs,
    runsAtStart: true,
    run: async () => {
      const now = Date.now();
      await guarded(() => redis.zadd(keys.instances, now, member));
      await guarded(() => redis.zremrangebyscore(keys.instances, "-inf", now - aliveMs));
      isFailing = false;
    },
    onError: (err) => {
      if (!isFailing) log.warn({ err }, "this process was not announced, retrying");
      isFailing = true;
    },
  });
  task.start();
  return async () => {
    const leave = task.stop().then(() => redis.zrem(keys.instances, member));
    await resultWithin(
      leave.catch(() => undefined),
      stopTimeoutMs,
    );
  };
}

/** The announced processes that run, by service and start. */
export async function readInstances(redis: Redis | Cluster): Promise<Instance[]> {
  const members = await guarded(() => redis.zrangebyscore(keys.instances, Date.now() - aliveMs, "+inf"));
  return members
    .map((member) => JSON.parse(member) as Instance)
    .sort((one, other) => one.service.localeCompare(other.service) || one.startedAt.localeCompare(other.startedAt));
}
