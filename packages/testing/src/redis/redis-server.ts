import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { findProgram } from "../processes/find-program.ts";
import { onFreePort } from "../processes/free-port.ts";
import { type OwnedProcess, startOwnedProcess } from "../processes/owned-process.ts";
import { untilReady } from "../processes/readiness.ts";

export interface RedisOptions {
  /** Folder of the append-only file. Without it, data is not persisted. */
  dataDirectory?: string;
  port?: number;
  /** Letters and digits. Without it, the server requires none. */
  password?: string;
  logFile?: string;
  /** Additional command-line directives, for example `["--appendfsync", "always"]`. */
  settings?: string[];
}

export interface LocalRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly process: OwnedProcess;
  stop(): Promise<void>;
  /** Kills the server as a crash would: nothing is flushed and connections are reset. */
  kill(): Promise<void>;
}

/** Returns the path of `redis-server` or `valkey-server`, or undefined if neither is installed. */
export const findRedisServer = (): string | undefined => findProgram("redis-server") ?? findProgram("valkey-server");

/**
 * Starts a private Redis with `noeviction` on a free loopback port. The server ends together with the calling process.
 */
export async function startRedis(options: RedisOptions = {}): Promise<LocalRedis> {
  const command = findRedisServer();
  if (command === undefined) {
    throw new Error("Neither redis-server nor valkey-server is on the PATH. Install one of them, or set REDIS_URL.");
  }
  const { password } = options;
  const { server, port, scratch } = await onFreePort(options.port, async (port) => {
    const scratch = options.dataDirectory === undefined ? await mkdtemp(join(tmpdir(), "syszap-redis-")) : undefined;
    const directory = scratch ?? options.dataDirectory ?? "";
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const logFile = options.logFile ?? join(directory, "redis.log");
    const file = join(directory, "redis.conf");
    // In a file, because other users of the machine can read the command line.
    await writeFile(file, password === undefined ? "" : `requirepass ${password}\n`, { mode: 0o600 });
    const args = [file, ...settings(port, directory, scratch === undefined), ...(options.settings ?? [])];
    const server = await startOwnedProcess({ command, args, logFile, removeAfter: scratch });
    await untilReady("Redis", server, logFile, () => ping(port, password));
    return { server, port, scratch };
  });
  const cleanUp = async () => {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  };
  return {
    url: `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`,
    port,
    pid: server.pid,
    process: server,
    stop: () => server.stop().then(cleanUp),
    kill: () => server.kill().then(cleanUp),
  };
}

const settings = (port: number, directory: string, isPersistent: boolean): string[] => [
  ...["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--daemonize", "no"],
  ...["--maxmemory-policy", "noeviction", "--appendonly", isPersistent ? "yes" : "no"],
];

/** Resolves when the Redis or Sentinel on this port answers a PING; rejects otherwise. */
export async function ping(port: number, password?: string): Promise<void> {
  const redis = new Redis(port, "127.0.0.1", {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    ...(password !== undefined && { password }),
  });
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** Lists the commands, keys and channels that Redis refused, each as `user reason object`. `url` must be of a user with all rights. */
export async function refusedByRedis(url: string): Promise<string[]> {
  const redis = new Redis(url);
  const log = (await redis.call("ACL", "LOG").finally(() => redis.disconnect())) as string[][];
  return log.map((entry) => ["username", "reason", "object"].map((name) => entry[entry.indexOf(name) + 1]).join(" "));
}
