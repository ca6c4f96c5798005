import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDatabase, type OwnedProcess, startPostgres, startRedis } from "@syszap/testing/servers";
import { print } from "../console.ts";
import { requireRedis } from "../machine/redis.ts";
import type { DataPaths } from "../paths.ts";
import { writeRedisUsers } from "./redis-users.ts";
import type { Secrets } from "./secrets.ts";

const databaseName = "syszap";
const restartAfterMs = 250;

interface Started {
  port: number;
  process: OwnedProcess;
  stop(): Promise<void>;
}

/** Supervises Redis or Postgres. When the server exits unexpectedly it is restarted on the same port with the same data. */
export class DataServer {
  private current: Started | undefined;
  private isStopping = false;

  constructor(
    readonly name: string,
    readonly logFile: string,
    private readonly start: (port: number | undefined) => Promise<Started>,
    private readonly onStarted: () => void,
  ) {}

  get process(): OwnedProcess | undefined {
    return this.current?.process;
  }

  /** Starts the server. Resolves with its port once it accepts connections. */
  async open(): Promise<number> {
    this.current = await this.start(this.current?.port);
    this.onStarted();
    void this.current.process.exited.then((code) => this.reopen(code));
    return this.current.port;
  }

  private async reopen(code: number): Promise<void> {
    if (this.isStopping) return;
    print(`${this.name} exited with code ${code}, restarting it (log: ${this.logFile})`);
    await delay(restartAfterMs);
    if (this.isStopping) return;
    await this.open().catch((err: unknown) => {
      print(err instanceof Error ? err.message : String(err));
      return this.reopen(1);
    });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.current?.stop();
  }

  kill(): void {
    this.isStopping = true;
    void this.current?.process.kill();
  }
}

/** `server` is undefined when the URL came from the environment: then the server is not ours to stop. */
export interface OpenedServer {
  url: string;
  server: DataServer | undefined;
}

const givenUrl = (name: string): string | undefined => process.env[name] || undefined;

/** Uses REDIS_URL if it is set, else starts a private server with persistent data and a password. */
export async function openRedis(
  paths: DataPaths,
  { redisPassword: password }: Secrets,
  onStarted: () => void,
): Promise<OpenedServer> {
  const given = givenUrl("REDIS_URL");
  if (given !== undefined) return { url: given, server: undefined };
  await requireRedis();
  const logFile = join(paths.logs, "redis.log");
  const start = (port: number | undefined) => {
    const settings = writeRedisUsers(paths.redis, password);
    return startRedis({
      dataDirectory: paths.redis,
      password,
      logFile,
      settings,
      ...(port === undefined ? {} : { port }),
    });
  };
  const server = new DataServer("redis", logFile, start, onStarted);
  return { url: `redis://:${password}@127.0.0.1:${await server.open()}`, server };
}

/** Uses DATABASE_URL if it is set (its role must be allowed to create roles), else starts the bundled Postgres. */
export async function openPostgres(paths: DataPaths, secrets: Secrets, onStarted: () => void): Promise<OpenedServer> {
  const given = givenUrl("DATABASE_URL");
  if (given !== undefined) return { url: given, server: undefined };
  const logFile = join(paths.logs, "postgres.log");
  let url = "";
  const start = async (port: number | undefined) => {
    const settings = { dataDirectory: paths.postgres, password: secrets.ownerPassword, logFile };
    const postgres = await startPostgres(port === undefined ? settings : { ...settings, port });
    url = postgres.url(databaseName);
    await ensureDatabase(postgres.url("postgres"), databaseName);
    return postgres;
  };
  const server = new DataServer("postgres", logFile, start, onStarted);
  await server.open();
  return { url, server };
}

/** Returns the database URL with another role's credentials. */
export const asRole = (url: string, username: string, password: string): string =>
  Object.assign(new URL(url), { username, password }).href;
