import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Publisher } from "@syszap/event-bus";
import { startBuiltService } from "@syszap/testing/servers";
import type { BenchmarkContext } from "../benchmark.ts";
import type { Ground, Tenant } from "./ground.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const patienceMs = 30_000;
const lookEveryMs = 50;
const tickMs = 2;
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
  static async open(ground: Ground, { onEnd }: BenchmarkContext): Promise<Phones> {
    const { folder, redisUrl, urls, database, tenants, redis } = ground;
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
        if (Date.now() - startedAt > patienceMs) throw new Error("a simulated phone was not linked");
        await delay(lookEveryMs);
      }
    }
    return new Phones(connector.url, tenants);
  }

  /** Customers write at an even rate, to each phone in turn, whether or not anybody keeps up. */
  async write(perSecond: number, forMs: number): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const startedAt = performance.now();
    let begun = 0;
    while (performance.now() - startedAt < forMs) {
      const due = ((performance.now() - startedAt) / 1_000) * perSecond;
      for (; begun < due; begun++) {
        const order = this.writeOne().finally(() => underWay.delete(order));
        underWay.add(order);
      }
      await delay(tickMs);
    }
    await Promise.all(underWay);
  }

  private async writeOne(): Promise<void> {
    const number = this.numbers++;
    const tenant = this.tenants[number % this.tenants.length];
    const from = `55119${20_000_000 + (Math.floor(number / this.tenants.length) % customers)}`;
    const body = `mensagem ${number}`;
    const answer = await fetch(`${this.url}/simulator/sessions/${tenant?.sessionId}/message`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from, name: "Cliente", body }),
    });
    await answer.text();
    if (!answer.ok) throw new Error(`the simulated phone answered ${answer.status}`);
    this.emitted.add(body);
  }
}
