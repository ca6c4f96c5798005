import { queues } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { Publisher } from "@syszap/event-bus";
import { connectRedis, createLogger, type Logger, logRetention, type RedisClient, whenReady } from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import { Queue } from "bullmq";
import { Passwords } from "../auth/passwords.ts";
import { Revoker } from "../auth/revoker.ts";
import { Companies } from "../companies/companies.ts";
import { InviteOwner } from "../companies/invite-owner.ts";
import { loadCommandConfig } from "../config.ts";
import { OperatorAccounts } from "../operator/operator-accounts.ts";
import { People } from "../people/people.ts";
import { accountLinksOf } from "../start-accounts.ts";

const redisTimeoutMs = 5_000;

/** The parts of the service that commands use. */
export interface Context {
  database: Database;
  redis: RedisClient;
  queue: Queue;
  companies: Companies;
  inviteOwner: InviteOwner;
  people: People;
  /** Asks the connectors to read their sessions now. Without Redis they do so within seconds. */
  wakeConnectors: () => Promise<void>;
  operators: OperatorAccounts;
  log: Logger;
  close: () => Promise<void>;
}

/**
 * Connects to Postgres and Redis by the service's environment variables. Rejects when Postgres does not answer. Without Redis,
 * changes are made, and open pages and sessions find out later.
 */
export async function openContext(env: NodeJS.ProcessEnv): Promise<Context> {
  const config = loadCommandConfig(env);
  const log = createLogger({ service: "syszap", level: "error", destination: process.stderr });
  const redis = connectRedis(config.REDIS_URL, "command", log);
  const queueRedis = connectRedis(config.QUEUE_REDIS_URL ?? config.REDIS_URL, "queue-producer", log);
  const queue = new Queue(queues.inboundMessages, { connection: queueRedis });
  queue.on("error", () => undefined); // the Redis connection logs its own errors
  await resultWithin(Promise.all([whenReady(redis), whenReady(queueRedis)]), redisTimeoutMs);
  const publisher = new Publisher(redis, log, logRetention(config));
  const database = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    maxConnections: 2,
    hasNamedStatements: config.DATABASE_NAMED_STATEMENTS,
    publish: (companyId, events) => publisher.publishDurable(companyId, events),
    log,
  });
  const close = async () => {
    await queue.close().catch(() => undefined);
    await database.close();
    redis.disconnect();
    queueRedis.disconnect();
  };
  try {
    await database.ping();
    await database.requireSchema();
  } catch (error) {
    await close();
    throw error;
  }
  const { operators } = database.system;
  const revoker = new Revoker({ database, publisher, log });
  const people = new People({ database, revoker, links: accountLinksOf(config) });
  return {
    database,
    redis,
    queue,
    companies: new Companies({ database, revoker }),
    inviteOwner: new InviteOwner({ database, people }),
    people,
    wakeConnectors: () => publisher.wake().catch(() => undefined),
    operators: new OperatorAccounts({ operators, passwords: await Passwords.create() }),
    log,
    close,
  };
}
