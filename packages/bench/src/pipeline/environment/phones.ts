import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Publisher } from "@syszap/event-bus";
import { startBuiltService } from "@syszap/testing/servers";
import type { BenchmarkContext } from "../../harness/benchmark.ts";
import type { PipelineEnvironment, Tenant } from "./pipeline-environment.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const deadlineMs = 30_000;
const pollIntervalMs = 50;
/** As long as messages of one command last. */
const orderMs = 1_000;
/** Who writes to one phone. Few enough that all are known after a second. */
const customers = 25;

/** A real connector whose phones are simulated: where WhatsApp's messages begin. */
export class Phones {
  /** Bodies that WhatsApp delivered. */
  readonly emitted = new Set<string>();
  private numbers = 0;

  private constructor(
    private readonly url: string,
    private readonly tenants: readonly Tenant[],
  ) {}

  /** All linked. */
  static async open(environment: PipelineEnvironment, { onEnd }: BenchmarkContext): Promise<Phones> {
    const { folder, redisUrl, urls, database, tenants, redis } = environment;
    const connector = await startBuiltService({
      service: "whatsapp-connector",
      env: {
        // Orders to simulated phones are refused in production.
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
        if (Date.now() - startedAt > deadlineMs) throw new Error("a simulated phone was not linked");
        await delay(pollIntervalMs);
      }
    }
    return new Phones(connector.url, tenants);
  }

  /** Customers write at an even rate, to each phone in turn, whether or not anybody keeps up. */
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

  /** An command for many, since answering one takes a connector longer than handing over a message. */
  private async command(sessionId: string, messages: readonly { body: string }[], everyMs: number): Promise<void> {
    const answer = await fetch(`${this.url}/simulator/sessions/${sessionId}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages, everyMs }),
    });
    await answer.text();
    if (!answer.ok) throw new Error(`the simulated phone answered ${answer.status}`);
    for (const { body } of messages) this.emitted.add(body);
  }

  private nextMessages(tenant: number, count: number) {
    return Array.from({ length: count }, () => {
      const number = this.numbers++;
      const from = `55119${20_000_000 + (number % customers)}`;
      return { from, name: "Cliente", body: `mensagem ${tenant} ${number}` };
    });
  }
}
