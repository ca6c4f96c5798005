import { randomUUID } from "node:crypto";
import type { Session, Webhook, WebhookDelivery } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { createLogger, Lifecycle } from "@syszap/platform";
import { type DatabaseUrls, databaseTest } from "@syszap/testing";
import { expect } from "vitest";
import { loadConfig } from "../src/config.ts";
import { startWebhookSender } from "../src/service.ts";
import { Receiver } from "./receiver.ts";

export interface Company {
  companyId: string;
  session: Session;
}
export interface TestEnvironment {
  db: Database;
  openCompany(): Promise<Company>;
  receiver(host?: string, port?: number): Promise<Receiver>;
  startSender(change?: Record<string, string>): Promise<{ port: number; stop(): Promise<void> }>;
  /** Environment variables for a sender process. */
  processEnv: Record<string, string>;
}
export const secret = `whsec_${Buffer.from("segredo de 32 bytes para testes!").toString("base64")}`;
const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });

export const test = databaseTest.extend<{ environment: TestEnvironment }>({
  environment: async ({ redisUrl, database }, use) => {
    const closers: (() => unknown)[] = [];
    const db = connectDatabase({ ...database, maxConnections: 8, publish: async () => undefined });
    closers.push(() => db.close());
    const processEnv = processEnvOf(redisUrl, database);
    await use({
      db,
      processEnv,
      openCompany: async () => {
        const { id: companyId } = await db.system.companies.create({ name: "Padaria" });
        const session = await db.withCompany(companyId, (unit) =>
          unit.sessions.create({ name: "Vendas", engine: "simulator" }),
        );
        return { companyId, session };
      },
      receiver: async (host, port) => {
        const receiver = await Receiver.listen(host, port);
        closers.push(() => receiver.close());
        return receiver;
      },
      startSender: async (change = {}) => {
        const lifecycle = new Lifecycle(log, 5_000);
        const config = loadConfig({ ...processEnv, ...change });
        const { port } = await startWebhookSender({ config, log, lifecycle });
        closers.push(() => lifecycle.stop());
        return { port, stop: () => lifecycle.stop() };
      },
    });
    for (const close of closers.toReversed()) await close();
  },
});

const processEnvOf = (redisUrl: string, database: DatabaseUrls) => ({
  NODE_ENV: "test",
  HOST: "127.0.0.1",
  PORT: "0",
  REDIS_URL: redisUrl,
  DATABASE_URL: database.appUrl,
  SYSTEM_DATABASE_URL: database.systemUrl,
  WEBHOOK_ALLOW_PRIVATE: "true",
  WEBHOOK_BACKOFF_SECONDS: "0.1,0.1,0.1",
});

export async function addWebhook(
  { db }: TestEnvironment,
  { companyId }: Company,
  url: string,
  { eventTypes = null, isOneAtATime = false }: { eventTypes?: string[] | null; isOneAtATime?: boolean } = {},
): Promise<Webhook> {
  const webhook = await db.withCompany(companyId, ({ webhooks }) =>
    webhooks.create({ url, description: "", eventTypes, isOneAtATime, secret }, 10),
  );
  if (!webhook) throw new Error("the webhook was not created");
  return webhook;
}

/** Emits one `session_status` event per session in one transaction, each with a new version. Returns the event ids. */
export async function emitStatus(
  { db }: TestEnvironment,
  { companyId, session }: Company,
  sessionIds = [session.id],
): Promise<string[]> {
  return db.withCompany(companyId, async ({ emit }) => {
    for (const id of sessionIds)
      emit.sessionStatus({ ...session, id, version: ++versions, reason: null, updatedAt: new Date().toISOString() });
    return emit.collected.map(({ id }) => id);
  });
}
let versions = 1;

/** Emits `count` events about different sessions, up to 100 per transaction. Returns the event ids. */
export async function emitMany(environment: TestEnvironment, company: Company, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let left = count; left > 0; left -= 100)
    ids.push(
      ...(await emitStatus(
        environment,
        company,
        Array.from({ length: Math.min(left, 100) }, () => randomUUID()),
      )),
    );
  return ids;
}

export async function deliveriesOf(
  environment: TestEnvironment,
  company: Company,
  webhook: Webhook,
): Promise<WebhookDelivery[]> {
  const { items } = await environment.db.withCompany(company.companyId, ({ webhookDeliveries }) =>
    webhookDeliveries.list(webhook.id, { limit: 100 }),
  );
  return items;
}
export async function reloadWebhook(environment: TestEnvironment, company: Company, { id }: Webhook): Promise<Webhook> {
  const webhook = await environment.db.withCompany(company.companyId, ({ webhooks }) => webhooks.find(id));
  if (!webhook) throw new Error("the webhook does not exist");
  return webhook;
}

/** Polls until an expectation holds. The timeout only guards against hanging and allows for a busy machine. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
