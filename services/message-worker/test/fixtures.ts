import { randomUUID } from "node:crypto";
import {
  channels,
  type DurableEvent,
  type DurableType,
  inboundJobOptions,
  type JobName,
  type Jobs,
  type MessageJob,
  queues,
  type SessionCommand,
} from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { splitPayload } from "@syszap/event-bus";
import { createLogger, Lifecycle } from "@syszap/platform";
import { jobIdOf } from "@syszap/queues";
import { type DatabaseUrls, databaseTest } from "@syszap/testing";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { loadConfig } from "../src/config.ts";
import { startMessageWorker } from "../src/service.ts";

export type PublishedEvent = DurableEvent & { seq: number; cursor: string };

/** Records the events published for a company, in order, as a gateway receives them. */
export class EventRecorder {
  readonly received: PublishedEvent[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(private readonly redis: Redis) {
    redis.on("messageBuffer", (_channel, payload: Buffer) => {
      const publication = splitPayload(payload);
      if (publication) this.received.push(JSON.parse(publication.frame.toString("utf8")));
      for (const check of this.waiting) check();
    });
  }

  /** Resolves with the first event that matches, whether it was received already or comes later. */
  next(matches: (event: PublishedEvent) => boolean): Promise<PublishedEvent> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.received.find(matches);
        if (!found) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }

  of<Type extends DurableType>(type: Type): Extract<PublishedEvent, { type: Type }>[] {
    return this.received.filter((event): event is Extract<PublishedEvent, { type: Type }> => event.type === type);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }
}

/** A company with one session, and the events published for it. */
export interface Company {
  companyId: string;
  sessionId: string;
  events: EventRecorder;
}

/** Session commands in the order in which they were published. */
export class CommandRecorder {
  private readonly received: SessionCommand[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(
    redis: Redis,
    private readonly publishBarrier: (command: SessionCommand) => Promise<unknown>,
  ) {
    redis.on("message", (_channel, text: string) => {
      this.received.push(JSON.parse(text));
      this.waiting.shift()?.();
    });
  }

  /** Removes and returns the oldest command; waits for one when there is none. */
  async next(): Promise<SessionCommand> {
    for (;;) {
      const command = this.received.shift();
      if (command) return command;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Every command that was published before this call and was not taken by `next`. */
  async untilBarrier(): Promise<SessionCommand[]> {
    const sessionId = randomUUID();
    await this.publishBarrier({ kind: "new_qr", sessionId });
    const commands: SessionCommand[] = [];
    for (;;) {
      const command = await this.next();
      if ("sessionId" in command && command.sessionId === sessionId) return commands;
      commands.push(command);
    }
  }
}

export interface TestEnvironment {
  /** Reads what the worker stored. Its own events stay unpublished, as after a process that dies right after its commit. */
  db: Database;
  queue: Queue;
  redis: Redis;
  openCompany(): Promise<Company>;
  /** Records the session commands that are published for a company from now on. */
  commandsOf(companyId: string): Promise<CommandRecorder>;
  add<Name extends JobName>(name: Name, job: Jobs[Name], options?: { jobId?: string }): Promise<string>;
  startWorker(
    change?: Partial<Record<string, string>>,
  ): Promise<Awaited<ReturnType<typeof startMessageWorker>> & { stop(): Promise<void> }>;
}

const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });

export const test = databaseTest.extend<{ environment: TestEnvironment }>({
  environment: async ({ redisUrl, database }, use) => {
    const closers: (() => unknown)[] = [];
    const onEnd = <T>(value: T, close: () => unknown): T => {
      closers.push(close);
      return value;
    };
    const connect = () => {
      const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
      return onEnd(redis, () => redis.disconnect());
    };
    const redis = connect();
    await redis.flushall();
    const db = openDatabase(database);
    closers.push(() => db.close());
    const queue = new Queue(queues.inboundMessages, { connection: connect(), defaultJobOptions: inboundJobOptions });
    closers.push(() => queue.close());

    await use({
      db,
      queue,
      redis,
      openCompany: async () => {
        const { id: companyId } = await db.system.companies.create({ name: "Padaria" });
        const session = await db.withCompany(companyId, (unit) =>
          unit.sessions.create({ name: "Vendas", engine: "simulator" }),
        );
        const subscriber = connect();
        await subscriber.subscribe(channels.company(companyId));
        return { companyId, sessionId: session.id, events: new EventRecorder(subscriber) };
      },
      commandsOf: async (companyId) => {
        const subscriber = connect();
        const channel = channels.commands(companyId);
        const commands = new CommandRecorder(subscriber, (command) => redis.publish(channel, JSON.stringify(command)));
        await subscriber.subscribe(channel);
        return commands;
      },
      add: async (name, job, options = {}) => {
        const added = await queue.add(name, job, { jobId: options.jobId ?? jobIdOf(name, job) });
        return added.id ?? "";
      },
      startWorker: async (change = {}) => {
        const lifecycle = new Lifecycle(log, 5_000);
        const config = loadConfig({ ...environmentVariables(redisUrl, database), ...change });
        const service = await startMessageWorker({ config, log, lifecycle });
        return onEnd({ ...service, stop: () => lifecycle.stop() }, () => lifecycle.stop());
      },
    });
    for (const close of closers.toReversed()) await close();
  },
});

export const environmentVariables = (redisUrl: string, database: DatabaseUrls) => ({
  NODE_ENV: "test",
  HOST: "127.0.0.1",
  PORT: "0",
  REDIS_URL: redisUrl,
  DATABASE_URL: database.appUrl,
  SYSTEM_DATABASE_URL: database.systemUrl,
  CONCURRENCY: "4",
});

/** Selects connections that wait for a lock, in this database only: other tests use the same server. */
export const lockWaits =
  "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/** Runs a statement as the owner of the tables. */
export async function asOwner(database: DatabaseUrls, statement: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** Publishes no events, like a process that dies right after its commit. */
const openDatabase = ({ appUrl, systemUrl }: DatabaseUrls) =>
  connectDatabase({
    appUrl,
    systemUrl,
    maxConnections: 2,
    publish: () => Promise.reject(new Error("killed before publishing")),
  });

let receipts = 0;
export function messageJob(from: Company, overrides: Partial<MessageJob> = {}): MessageJob {
  const number = overrides.client?.number ?? "5511988887777";
  return {
    companyId: from.companyId,
    sessionId: from.sessionId,
    waKey: randomUUID(),
    direction: 0,
    waChatId: `${number}@c.us`,
    kind: "text",
    body: "bom dia",
    client: { number, name: "João" },
    timestampMs: 1_700_000_000_000,
    generation: 1,
    receipt: ++receipts,
    isHistory: false,
    ...overrides,
  };
}
