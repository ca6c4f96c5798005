import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { onFreePort } from "./free-port.ts";
import { startOwnedProcess } from "./owned-process.ts";
import { untilReady } from "./readiness.ts";
import { findRedisServer, type LocalRedis, ping, startRedis } from "./redis-server.ts";

const masterName = "syszap";
const downAfterMs = 500;
const failoverTimeoutMs = 3_000;
const lookEveryMs = 20;
const deadlineMs = 15_000;

export interface LocalSentinel {
  /** What a service's REDIS_URL takes. */
  readonly url: string;
  /** The first began as master, the second as its replica. */
  readonly servers: readonly [LocalRedis, LocalRedis];
  /** Of the server that Sentinel names as master now. */
  masterPort(): Promise<number>;
  /** Resolves when another server than the one of `port` is master. */
  failedOver(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** A master, its replica and one Sentinel that fails over by itself about half a second after the master fell silent. */
export async function startRedisWithSentinel(): Promise<LocalSentinel> {
  const master = await startRedis();
  const replica = await startRedis({ settings: ["--replicaof", "127.0.0.1", String(master.port)] });
  const replicaAdmin = new Redis(replica.port, "127.0.0.1");
  await until("the replica follows", async () => (await replicaAdmin.info("replication")).includes("link_status:up"));
  replicaAdmin.disconnect();
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
    servers: [master, replica],
    masterPort,
    failedOver: (port) => until("another master", async () => (await masterPort()) !== port),
    stop: async () => {
      admin.disconnect();
      await sentinel.stop();
      await Promise.all([master.stop(), replica.stop()]);
    },
  };
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
