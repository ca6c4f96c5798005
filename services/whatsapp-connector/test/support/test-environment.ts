import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  channels,
  type EngineName,
  type EventFrame,
  type EventType,
  type JobName,
  type Jobs,
  queues,
  type Session,
  type SessionDetail,
} from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { Publisher, splitPayload } from "@syszap/event-bus";
import { connectRedis, createLogger, Lifecycle, whenReady } from "@syszap/platform";
import { type DatabaseUrls, databaseTest, startRedis } from "@syszap/testing";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { type Config, loadConfig } from "../../src/config.ts";
import { type ConnectorOptions, startConnector } from "../../src/connector.ts";
import { type ConnectorProcess, startConnectorProcess } from "./connector-process.ts";
import { hostEntry } from "./host-entry.ts";
import { Recorder } from "./recorder.ts";

export interface RecordedEvent {
  companyId: string;
  audience: unknown;
  event: EventFrame;
}

export interface QueuedJob {
  id: string;
  name: JobName;
  data: Jobs[JobName];
}

export interface RunningConnector {
  port: number;
  /** Stops like SIGTERM. */
  stop(): Promise<void>;
  /** Sends a control command to a simulated phone. */
  phone(sessionId: string, order: string, body?: object): Promise<{ waKey: string; emittedAtMs: number }>;
}
export type ConnectorSettings = Partial<Pick<ConnectorOptions, "engines" | "times" | "log" | "spool">> & {
  env?: NodeJS.ProcessEnv;
};

const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });
/** Guards against hanging only. A loaded machine needs long to archive a profile. */
const stopGraceMs = 60_000;

/** The test environment: a database, a Redis and any number of connectors. Records all events and jobs. */
export class TestEnvironment {
  readonly events = new Recorder<RecordedEvent>();
  readonly jobs = new Recorder<QueuedJob>();
  private readonly failed = new Recorder<string>();
  private readonly closers: (() => unknown)[] = [];

  private constructor(
    private readonly urls: DatabaseUrls & { redis: string },
    readonly directory: string,
    readonly publisher: Publisher,
    readonly db: Database,
  ) {}

  get redisUrl(): string {
    return this.urls.redis;
  }

  static async open(urls: DatabaseUrls, redisUrl: string): Promise<TestEnvironment> {
    const directory = await mkdtemp(join(tmpdir(), "connector-"));
    const redis = connectRedis(redisUrl, "command", log);
    await whenReady(redis);
    await redis.flushall(); // tests of one file share the server
    const publisher = new Publisher(redis, log);
    const publish = async (companyId: string, events: Parameters<Publisher["publishDurable"]>[1]) =>
      void (await publisher.publishDurable(companyId, events));
    const db = connectDatabase({ appUrl: urls.appUrl, systemUrl: urls.systemUrl, maxConnections: 4, publish });
    const environment = new TestEnvironment({ ...urls, redis: redisUrl }, directory, publisher, db);
    environment.closers.push(
      () => rm(directory, { recursive: true, force: true }),
      () => redis.disconnect(),
      () => db.close(),
    );
    return environment;
  }

  async close(): Promise<void> {
    for (const close of this.closers.toReversed()) await close();
  }

  /** Creates a company and records its events. */
  async company(): Promise<string> {
    const { id: companyId } = await this.db.system.companies.create({ name: "Padaria São João" });
    const redis = new Redis(this.urls.redis);
    redis.on("messageBuffer", (_channel: Buffer, payload: Buffer) => {
      const parts = splitPayload(payload);
      if (!parts) throw new Error("unreadable payload on the channel");
      const event = JSON.parse(parts.frame.toString()) as EventFrame;
      this.events.push({ companyId, audience: parts.header.audience, event });
    });
    await redis.subscribe(channels.company(companyId));
    this.closers.push(() => redis.disconnect());
    return companyId;
  }

  async session(companyId: string, options: { isRunning?: boolean; engine?: EngineName } = {}): Promise<Session> {
    const session = await this.db.withCompany(companyId, ({ sessions }) =>
      sessions.create({ name: "Vendas", engine: options.engine ?? "simulator" }),
    );
    if (options.isRunning ?? true) await this.want(session, companyId, "running");
    return session;
  }

  async want(session: Session, companyId: string, state: "running" | "stopped"): Promise<void> {
    await this.db.withCompany(companyId, async ({ sessions, emit }) => {
      const changed = await sessions.setDesiredState(session.id, state);
      if (changed) emit.sessionStatus(changed);
    });
    await this.publisher.wake();
  }

  /** Creates a chat with a contact who wrote before. `queue` queues a message in it. */
  async chat(companyId: string, sessionId: string, number = "5511960001842") {
    const { userId } = await this.db.system.logins.createUser({
      companyId,
      email: `${randomUUID()}@example.com`,
      name: "Ana",
      role: "agent",
      passwordHash: "none",
    });
    const chat = await this.db.withCompany(companyId, async ({ clientResolver, chatRecorder }) => {
      const { client } = await clientResolver.touchFromMessage({ number, name: "Bia", contactAt: new Date() });
      return chatRecorder.upsert({ sessionId, waChatId: `${number}@c.us`, clientId: client.id });
    });
    const queue = async (body: string) => {
      const queued = await this.db.withCompany(companyId, ({ outboundQueue }) =>
        outboundQueue.add({ chatId: chat.id, body, userId }),
      );
      if (!queued) throw new Error("no such chat");
      return queued.message;
    };
    return { chat, userId, queue };
  }

  /** Records the jobs of the inbound queue, as a worker receives them. */
  takeJobs(redisUrl = this.urls.redis): void {
    const connection = connectRedis(redisUrl, "queue-worker", log);
    const worker = new Worker(
      queues.inboundMessages,
      async (job) => this.jobs.push({ id: job.id ?? "", name: job.name as JobName, data: job.data }),
      { connection },
    );
    worker.on("error", () => undefined);
    this.closers.push(async () => {
      await worker.close(true);
      connection.disconnect();
    });
  }

  async job<Name extends JobName>(name: Name, matches: (data: Jobs[Name]) => boolean = () => true) {
    const job = await this.jobs.next((item) => item.name === name && matches(item.data as Jobs[Name]));
    return { id: job.id, data: job.data as Jobs[Name] };
  }

  async event<Type extends EventType>(type: Type, matches: (event: EventFrame<Type>) => boolean = () => true) {
    const recorded = await this.events.next(
      (item) => item.event.type === type && matches(item.event as unknown as EventFrame<Type>),
    );
    return { ...recorded, event: recorded.event as unknown as EventFrame<Type> };
  }

  async status(sessionId: string, detail: SessionDetail) {
    const { event } = await this.event(
      "session_status",
      ({ data }) => data.sessionId === sessionId && data.detail === detail,
    );
    return event.data;
  }

  find(companyId: string, sessionId: string): Promise<Session | undefined> {
    return this.db.withCompany(companyId, ({ sessions }) => sessions.find(sessionId));
  }

  variables(connectorId: string): Record<string, string> {
    return {
      NODE_ENV: "test",
      LOG_LEVEL: "warn",
      HOST: "127.0.0.1",
      PORT: "0",
      DATABASE_URL: this.urls.appUrl,
      SYSTEM_DATABASE_URL: this.urls.systemUrl,
      REDIS_URL: this.urls.redis,
      MEDIA_DIRECTORY: join(this.directory, "media"),
      PROFILE_DIRECTORY: join(this.directory, "profiles"),
      CONNECTOR_ID: connectorId,
      RECOVERED_FACTS_PER_SECOND: "100000",
      OUTBOUND_GAP_MS: "0",
      OUTBOUND_GAP_JITTER_MS: "0",
      OUTBOUND_PER_HOUR: "0",
      OUTBOUND_COLD_PER_DAY: "0",
      SIMULATOR_ENABLED: "true",
      SIMULATOR_CONTROL: "true",
      SIMULATOR_SEED: "test",
      SIMULATOR_QR_ROTATE_MS: "60000",
      SIMULATOR_SCAN_AFTER_MS: "1",
      SIMULATOR_MESSAGES_PER_MINUTE: "0",
    };
  }

  async connector(connectorId: string, settings: ConnectorSettings = {}): Promise<RunningConnector> {
    const config: Config = loadConfig({ ...this.variables(connectorId), ...settings.env });
    const lifecycle = new Lifecycle(log, stopGraceMs);
    const { times, engines, spool } = settings;
    const { port } = await startConnector({
      config,
      log: settings.log ?? log,
      lifecycle,
      fail: () => void lifecycle.stop().then(() => this.failed.push(connectorId)),
      hostEntry,
      ...(engines && { engines }),
      ...(spool && { spool }),
      times: { ...times, outbound: { retry: { firstMs: 5, maxMs: 20 }, ...times?.outbound } },
    });
    this.closers.push(() => lifecycle.stop());
    return { port, stop: () => lifecycle.stop(), phone: (...order) => orderPhone(port, ...order) };
  }

  /** Resolves when the connector has ended because another process was started under its id. */
  async stopped(connectorId: string): Promise<void> {
    await this.failed.next((id) => id === connectorId);
  }

  /** Starts a connector in a separate process. Resolves when it is up. */
  async process(connectorId: string, env: NodeJS.ProcessEnv = {}): Promise<ConnectorProcess> {
    const connector = await startConnectorProcess({ ...this.variables(connectorId), LOG_LEVEL: "info", ...env });
    this.closers.push(() => connector.kill());
    return connector;
  }

  /** Starts a separate Redis that can be stopped and started again. */
  async redis(): Promise<{ url: string; stop(): Promise<void>; startAgain(): Promise<void> }> {
    let redis = await startRedis();
    this.closers.push(() => redis.stop());
    const { url, port } = redis;
    const startAgain = async () => {
      redis = await startRedis({ port });
    };
    return { url, stop: () => redis.stop(), startAgain };
  }

  /** Expires the session's lease. Its owner cannot renew it any more. */
  async expireLease(sessionId: string): Promise<void> {
    await this.sql(
      "update session_leases set owner = 'gone', lease_until = now() - interval '1 second' where session_id = $1",
      [sessionId],
    );
  }

  /** Runs a statement as the owner of the tables. */
  async sql(statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.urls.ownerUrl });
    await client.connect();
    try {
      return (await client.query(statement, values)).rows;
    } finally {
      await client.end();
    }
  }
}

async function orderPhone(port: number, sessionId: string, order: string, body: object = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/simulator/sessions/${sessionId}/${order}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${order}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { waKey: string; emittedAtMs: number };
}

export const test = databaseTest.extend<{ environment: TestEnvironment }>({
  environment: async ({ database, redisUrl }, use) => {
    const environment = await TestEnvironment.open(database, redisUrl);
    await use(environment);
    await environment.close();
  },
});
