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
export interface World {
  db: Database;
  openCompany(): Promise<Company>;
  receiver(host?: string, port?: number): Promise<Receiver>;
  startSender(change?: Record<string, string>): Promise<{ port: number; stop(): Promise<void> }>;
  /** All that a sender's process is given. */
  environment: Record<string, string>;
}
export const secret = `whsec_${Buffer.from("segredo de 32 bytes para testes!").toString("base64")}`;
const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });

export const test = databaseTest.extend<{ world: World }>({
  world: async ({ redisUrl, database }, use) => {
    const closers: (() => unknown)[] = [];
    const db = connectDatabase({ ...database, maxConnections: 8, publish: async () => undefined });
    closers.push(() => db.close());
    const environment = environmentOf(redisUrl, database);
    await use({
      db,
      environment,
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
        const config = loadConfig({ ...environment, ...change });
        const { port } = await startWebhookSender({ config, log, lifecycle });
        closers.push(() => lifecycle.stop());
        return { port, stop: () => lifecycle.stop() };
      },
    });
    for (const close of closers.toReversed()) await close();
  },
});

const environmentOf = (redisUrl: string, database: DatabaseUrls) => ({
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
  { db }: World,
  { companyId }: Company,
  url: string,
  eventTypes: string[] | null = null,
): Promise<Webhook> {
  const webhook = await db.withCompany(companyId, ({ webhooks }) =>
    webhooks.create({ url, description: "", eventTypes, secret }, 10),
  );
  if (!webhook) throw new Error("the webhook was not made");
  return webhook;
}

/** One transaction that tells of a change of each of the sessions, each time of another version. */
export async function tell(
  { db }: World,
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

/** `count` events, each about something else, in as few transactions as will do. */
export async function tellMany(world: World, company: Company, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let left = count; left > 0; left -= 100)
    ids.push(
      ...(await tell(
        world,
        company,
        Array.from({ length: Math.min(left, 100) }, () => randomUUID()),
      )),
    );
  return ids;
}

export async function logOf(world: World, company: Company, webhook: Webhook): Promise<WebhookDelivery[]> {
  const { items } = await world.db.withCompany(company.companyId, ({ webhookDeliveries }) =>
    webhookDeliveries.list(webhook.id, { limit: 100 }),
  );
  return items;
}
export async function webhookNow(world: World, company: Company, { id }: Webhook): Promise<Webhook> {
  const webhook = await world.db.withCompany(company.companyId, ({ webhooks }) => webhooks.find(id));
  if (!webhook) throw new Error("the webhook is gone");
  return webhook;
}

/** For what is written down a moment later: longer than a busy machine needs. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 });
