import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { onFreePort } from "./free-port.ts";
import { startOwnedProcess } from "./owned-process.ts";
import { untilReady } from "./readiness.ts";
import { findRedisServer, ping, startRedis } from "./redis-server.ts";

const masterName = "syszap";
/** With 500 ms a busy machine's Sentinel now and then deposed a master that lived: two took writes for ten seconds. */
const downAfterMs = 2_000;
const failoverTimeoutMs = 3_000;
/** Nobody listens there. */
const closedPort = 1;
const lookEveryMs = 20;
const deadlineMs = 15_000;
/** Otherwise a master waits 5 s for more replicas before it sends its data to the first one. */
const settings = ["--repl-diskless-sync-delay", "0"];
const replicaOf = (port: number) => ["--replicaof", "127.0.0.1", String(port)];

export interface LocalSentinel {
  /** What a service's REDIS_URL takes. */
  readonly url: string;
  /** Of the server that Sentinel names as master now. */
  masterPort(): Promise<number>;
  /** The replica hears nothing more of its master, without knowing that it is behind. */
  letReplicaLag(): Promise<void>;
  /** Kills the master. Resolves when Sentinel has made the replica master. */
  failOver(): Promise<void>;
  /** Starts the dead one again, as a replica. Resolves when it has caught up. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** A master, its replica and one Sentinel that fails over by itself some two seconds after the master fell silent. */
export async function startRedisWithSentinel(): Promise<LocalSentinel> {
  const master = await startRedis({ settings });
  const replica = await startRedis({ settings: [...settings, ...replicaOf(master.port)] });
  await onServer(replica.port, follows);
  const servers = new Map([master, replica].map((server) => [server.port, server]));
  const sentinel = await startSentinel(master.port);
  const admin = new Redis(sentinel.port, "127.0.0.1");
  admin.on("error", () => undefined);
  const masterPort = async () => {
    const [, port] = (await admin.call("SENTINEL", "get-master-addr-by-name", masterName)) as [string, string];
    return Number(port);
  };
  await until("Sentinel knows the replica", async () => {
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
      await until("another master", async () => (await masterPort()) !== port);
      await onServer(await masterPort(), (master) =>
        until("the replica serves as master", async () => (await master.info("replication")).includes("role:master")),
      );
    },
    restore: async () => {
      const masterAt = await masterPort();
      const port = [...servers.keys()].find((each) => each !== masterAt) ?? 0;
      servers.set(port, await startRedis({ port, settings: [...settings, ...replicaOf(masterAt)] }));
      await onServer(port, follows);
      await until("Sentinel sees the replica again", async () => {
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

const follows = (replica: Redis) =>
  until("the replica follows", async () => (await replica.info("replication")).includes("link_status:up"));

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

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const startedAt = Date.now(); !(await isSo()); await delay(lookEveryMs))
    if (Date.now() - startedAt > deadlineMs) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
}
