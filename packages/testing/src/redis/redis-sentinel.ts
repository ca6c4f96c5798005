import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { onFreePort } from "../processes/free-port.ts";
import { startOwnedProcess } from "../processes/owned-process.ts";
import { untilReady } from "../processes/readiness.ts";
import { findRedisServer, ping, startRedis } from "./redis-server.ts";

const masterName = "syszap";
/**
 * With 500 ms, Sentinel on a busy machine sometimes replaced a live master, and two masters accepted writes for 10 s.
 */
const downAfterMs = 2_000;
const failoverTimeoutMs = 3_000;
/** A port on which nothing listens. */
const closedPort = 1;
const pollIntervalMs = 20;
const deadlineMs = 60_000;
/** By default, a master waits 5 s for further replicas before it sends its data to the first one. */
const settings = ["--repl-diskless-sync-delay", "0"];
const replicaOf = (port: number) => ["--replicaof", "127.0.0.1", String(port)];

export interface LocalSentinel {
  /** Value for a service's REDIS_URL. */
  readonly url: string;
  /** Port of the server that Sentinel currently reports as master. */
  masterPort(): Promise<number>;
  /** Stops replication: the replica receives no further writes and does not know that it lags. */
  letReplicaLag(): Promise<void>;
  /** Kills the master. Resolves when Sentinel has promoted the replica. */
  failOver(): Promise<void>;
  /** Restarts the killed server as a replica. Resolves when it has caught up. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a master, a replica and one Sentinel, which fails over about 2 s after the master stops answering. */
export async function startRedisWithSentinel(): Promise<LocalSentinel> {
  const master = await startRedis({ settings });
  const replica = await startRedis({ settings: [...settings, ...replicaOf(master.port)] });
  await onServer(replica.port, untilReplicating);
  const servers = new Map([master, replica].map((server) => [server.port, server]));
  const sentinel = await startSentinel(master.port);
  const admin = new Redis(sentinel.port, "127.0.0.1");
  admin.on("error", () => undefined);
  const masterPort = async () => {
    const [, port] = (await admin.call("SENTINEL", "get-master-addr-by-name", masterName)) as [string, string];
    return Number(port);
  };
  await until("Sentinel to discover the replica", async () => {
    const replicas = (await admin.call("SENTINEL", "replicas", masterName)) as unknown[];
    return replicas.length === 1;
  });
  return {
    url: `redis-sentinel://127.0.0.1:${sentinel.port}/${masterName}`,
    masterPort,
    letReplicaLag: async () => {
      const port = await masterPort();
      await onServer([...servers.keys()].find((each) => each !== port) ?? 0, (replica) =>
        replica.replicaof("127.0.0.1", closedPort),
      );
    },
    failOver: async () => {
      const port = await masterPort();
      await servers.get(port)?.kill();
      await until("Sentinel to choose another master", async () => (await masterPort()) !== port);
      await onServer(await masterPort(), (master) =>
        until("the replica to become master", async () => (await master.info("replication")).includes("role:master")),
      );
    },
    restore: async () => {
      const currentMaster = await masterPort();
      const port = [...servers.keys()].find((each) => each !== currentMaster) ?? 0;
      servers.set(port, await startRedis({ port, settings: [...settings, ...replicaOf(currentMaster)] }));
      await onServer(port, untilReplicating);
      await until("Sentinel to see the replica again", async () => {
        const [replica] = (await admin.call("SENTINEL", "replicas", masterName)) as string[][];
        const flags = replica?.[replica.indexOf("flags") + 1];
        return flags === "slave";
      });
    },
    stop: async () => {
      admin.disconnect();
      await sentinel.stop();
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

const untilReplicating = (replica: Redis) =>
  until("the replica to connect to its master", async () =>
    (await replica.info("replication")).includes("link_status:up"),
  );

async function onServer(port: number, act: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(port, "127.0.0.1");
  redis.on("error", () => undefined);
  try {
    await act(redis);
  } finally {
    redis.disconnect();
  }
}

async function startSentinel(masterPort: number): Promise<{ port: number; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "syszap-sentinel-"));
  return onFreePort(undefined, async (port) => {
    const file = join(directory, "sentinel.conf");
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${directory}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
      `sentinel failover-timeout ${masterName} ${failoverTimeoutMs}`,
    ];
    await writeFile(file, `${lines.join("\n")}\n`);
    const logFile = join(directory, "sentinel.log");
    const args = [file, "--sentinel"];
    const server = await startOwnedProcess({ command: findRedisServer() ?? "", args, logFile, removeAfter: directory });
    await untilReady("Sentinel", server, logFile, () => ping(port));
    return { port, stop: () => server.stop().then(() => rm(directory, { recursive: true, force: true })) };
  });
}

async function until(condition: string, isMet: () => Promise<boolean>): Promise<void> {
  for (const startedAt = Date.now(); !(await isMet()); await delay(pollIntervalMs))
    if (Date.now() - startedAt > deadlineMs) throw new Error(`Waited ${deadlineMs} ms for ${condition}.`);
}
