import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Publisher } from "@syszap/event-bus";
import { startBuiltService } from "@syszap/testing/servers";
import type { BenchmarkContext } from "../../harness/benchmark.ts";
import type { PipelineEnvironment, Tenant } from "./pipeline-environment.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const deadlineMs = 30_000;
const pollIntervalMs = 50;
/** The bodies of all messages that the phones receive begin with it. */
export const bodyOfLiveMessage = "mensagem ";
/** Duration of the messages in one command. */
const orderMs = 1_000;
/** Number of customers per phone. It is small, so that all of them exist after a second. */
const customers = 25;

/** A real connector with simulated phones, the source of all messages. */
export class Phones {
  /** Bodies of all messages that the phones have received. */
  readonly emitted = new Set<string>();
  private numbers = 0;

  private constructor(
    private readonly url: string,
    private readonly tenants: readonly Tenant[],
  ) {}

  /** Resolves when all phones are linked. */
  static async open(environment: PipelineEnvironment, { onEnd }: BenchmarkContext): Promise<Phones> {
    const { folder, redisUrl, urls, database, tenants, redis } = environment;
    const connector = await startBuiltService({
      service: "whatsapp-connector",
      env: {
        // Commands to simulated phones are rejected in production.
        ...{ NODE_ENV: "test", LOG_LEVEL: "warn", REDIS_URL: redisUrl, CONNECTOR_ID: "bench" },
        ...{ DATABASE_URL: urls.appUrl, SYSTEM_DATABASE_URL: urls.systemUrl },
        ...{ MEDIA_DIRECTORY: join(folder, "media"), PROFILE_DIRECTORY: join(folder, "profiles") },
        ...{ SIMULATOR_ENABLED: "true", SIMULATOR_CONTROL: "true", SIMULATOR_SCAN_AFTER_MS: "50" },
      },
    });
    onEnd(() => connector.stop(10_000));
    for (const { companyId, sessionId } of tenants) {
      await database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(sessionId, "running"));
    }
    await new Publisher(redis, silent).wake();
    const startedAt = Date.now();
    for (const { companyId, sessionId } of tenants) {
      const detail = () =>
        database.withCompany(companyId, async ({ sessions }) => (await sessions.find(sessionId))?.detail);
      while ((await detail()) !== "connected") {
        if (Date.now() - startedAt > deadlineMs) throw new Error("A simulated phone was not linked in time.");
        await delay(pollIntervalMs);
      }
    }
    return new Phones(connector.url, tenants);
  }

  /** Customers write at a constant rate to all phones in turn, independent of the speed of the product. */
  async write(perSecond: number, forMs: number): Promise<void> {
    const everyMs = (1_000 / perSecond) * this.tenants.length;
    const count = Math.round(orderMs / everyMs);
    const lines = this.tenants.map(async ({ sessionId }, at) => {
      const startedAt = performance.now() + (everyMs / this.tenants.length) * at;
      for (let begun = 0; begun * orderMs < forMs; begun++) {
        await delay(startedAt + begun * orderMs - performance.now());
        await this.command(sessionId, this.nextMessages(at, count), everyMs);
      }
    });
    await Promise.all(lines);
  }

  /** Sends one command for many messages, because a command costs the connector more than a message. */
  private async command(sessionId: string, messages: readonly { body: string }[], everyMs: number): Promise<void> {
    const answer = await fetch(`${this.url}/simulator/sessions/${sessionId}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages, everyMs }),
    });
    await answer.text();
    if (!answer.ok) throw new Error(`The simulated phone answered with status ${answer.status}.`);
    for (const { body } of messages) this.emitted.add(body);
  }

  private nextMessages(tenant: number, count: number) {
    return Array.from({ length: count }, () => {
      const number = this.numbers++;
      const from = `55119${20_000_000 + (number % customers)}`;
      return { from, name: "Cliente", body: `${bodyOfLiveMessage}${tenant} ${number}` };
    });
  }
}
