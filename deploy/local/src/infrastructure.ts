import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureDatabase, findRedisServer, type OwnedProcess, startPostgres, startRedis } from "@syszap/testing/servers";
import type { Places } from "./places.ts";
import { say } from "./say.ts";
import type { Secrets } from "./secrets.ts";
import { installDebianPackage } from "./system-packages.ts";

const databaseName = "syszap";
const restartAfterMs = 250;

interface Started {
  port: number;
  process: OwnedProcess;
  stop(): Promise<void>;
}

/** A server with data: when it ends by itself it is started again, on the same port over the same data. */
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

  /** Resolves with its port when it answers. */
  async open(): Promise<number> {
    this.current = await this.start(this.current?.port);
    this.onStarted();
    void this.current.process.exited.then((code) => this.reopen(code));
    return this.current.port;
  }

  private async reopen(code: number): Promise<void> {
    if (this.isStopping) return;
    say(`${this.name} ended with exit code ${code}, starting it again (see ${this.logFile})`);
    await delay(restartAfterMs);
    if (this.isStopping) return;
    await this.open().catch((err: unknown) => {
      say(err instanceof Error ? err.message : String(err));
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

/** Where one of the two is, and the server when it is ours to stop. */
export interface Opened {
  url: string;
  server: DataServer | undefined;
}

const givenUrl = (name: string): string | undefined => process.env[name] || undefined;

/** REDIS_URL when given, else a private server whose data survive. */
export async function openRedis(places: Places, onStarted: () => void): Promise<Opened> {
  const given = givenUrl("REDIS_URL");
  if (given !== undefined) return { url: given, server: undefined };
  await requireRedis();
  const logFile = join(places.logs, "redis.log");
  const start = (port: number | undefined) =>
    startRedis({ dataDirectory: places.redis, logFile, ...(port === undefined ? {} : { port }) });
  const server = new DataServer("redis", logFile, start, onStarted);
  return { url: `redis://127.0.0.1:${await server.open()}`, server };
}

/** Installs Redis where there is none and that needs no question. */
export async function requireRedis(): Promise<void> {
  if (findRedisServer() !== undefined) return;
  say("Installing redis-server …");
  await installDebianPackage("redis-server");
  if (findRedisServer() !== undefined) return;
  throw new Error(
    "sysZap needs Redis: install redis-server or valkey-server (macOS: brew install redis), or set REDIS_URL to a server of your own.",
  );
}

/** DATABASE_URL when given (of a user who may create roles), else the bundled Postgres over the kept data. */
export async function openPostgres(places: Places, secrets: Secrets, onStarted: () => void): Promise<Opened> {
  const given = givenUrl("DATABASE_URL");
  if (given !== undefined) return { url: given, server: undefined };
  const logFile = join(places.logs, "postgres.log");
  let url = "";
  const start = async (port: number | undefined) => {
    const settings = { dataDirectory: places.postgres, password: secrets.ownerPassword, logFile };
    const postgres = await startPostgres(port === undefined ? settings : { ...settings, port });
    url = postgres.url(databaseName);
    await ensureDatabase(postgres.url("postgres"), databaseName);
    return postgres;
  };
  const server = new DataServer("postgres", logFile, start, onStarted);
  await server.open();
  return { url, server };
}

/** The same database, as another role. */
export const asRole = (url: string, username: string, password: string): string =>
  Object.assign(new URL(url), { username, password }).href;
