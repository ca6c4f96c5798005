import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { startSyszap } from "../../gateways/syszap.ts";
import type { BenchmarkContext } from "../../harness/benchmark.ts";
import { bodyOfLiveMessage } from "./phones.ts";
import type { PipelineEnvironment } from "./pipeline-environment.ts";

interface Frame {
  type: string;
  data: { Body?: string; timestamp: string };
}
const pollIntervalMs = 50;

/** One browser connection per company, through a real gateway. */
export class Browsers {
  /** Number of arrivals per message body. */
  readonly arrived = new Map<string, number>();
  /** Milliseconds from WhatsApp to the browser. The caller empties the list. */
  latencies: number[] = [];
  resyncs = 0;

  static async open({ redisUrl, tenants }: PipelineEnvironment, { onEnd }: BenchmarkContext): Promise<Browsers> {
    const gateway = await startSyszap(redisUrl);
    onEnd(() => gateway.close());
    const browsers = new Browsers();
    for (const [group, { companyId }] of tenants.entries()) {
      const { port, path, headers } = await gateway.endpointFor({ companyId, userId: randomUUID(), group });
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
      onEnd(async () => socket.terminate());
      socket.on("message", (text: Buffer) => browsers.record(JSON.parse(text.toString()) as Frame));
      await new Promise((resolve, reject) => socket.once("message", resolve).once("error", reject));
    }
    return browsers;
  }

  /** Resolves with the number of missing messages when all have arrived, or when none has arrived for `withinMs`. */
  async missing(bodies: ReadonlySet<string>, withinMs: number): Promise<number> {
    let [arrived, changedAt] = [this.arrived.size, Date.now()];
    while (Date.now() - changedAt < withinMs && this.arrived.size < bodies.size) {
      await delay(pollIntervalMs);
      if (this.arrived.size > arrived) [arrived, changedAt] = [this.arrived.size, Date.now()];
    }
    return [...bodies].filter((body) => !this.arrived.has(body)).length;
  }

  get doubled(): number {
    return [...this.arrived.values()].reduce((sum, times) => sum + times - 1, 0);
  }

  private record({ type, data }: Frame): void {
    if (type === "resync") this.resyncs += 1;
    if (type !== "new_message" || !data.Body?.startsWith(bodyOfLiveMessage)) return;
    this.arrived.set(data.Body, (this.arrived.get(data.Body) ?? 0) + 1);
    this.latencies.push(performance.timeOrigin + performance.now() - Date.parse(data.timestamp));
  }
}
