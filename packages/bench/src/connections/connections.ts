import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import type { StartGateway } from "../gateways/measured-gateway.ts";
import { startNchan } from "../gateways/nchan.ts";
import { startPlainWs } from "../gateways/plain-ws.ts";
import { startSocketIo } from "../gateways/socketio.ts";
import { startSyszap } from "../gateways/syszap.ts";
import type { Benchmark, BenchmarkContext } from "../harness/benchmark.ts";
import { residentKb } from "../harness/process-costs.ts";
import { connectClients, openLoadEnvironment, reportGaps } from "../load/load-environment.ts";

const peers: Record<string, StartGateway> = { socketio: startSocketIo, nchan: startNchan, plain_ws: startPlainWs };
const clients = 10_000;
const companies = 100;
/** V8 releases memory after a process has been idle for some seconds. */
const [settleBeforeMs, settleAfterMs] = [10_000, 18_000];

export const connections: Benchmark = {
  name: "connections",
  about: "Additional memory of the gateway process per connection, with 10,000 idle clients",
  goals: { kb_per_connection: "≤ 10", ratio_socketio: "≤ 0.5" },
  run: async (context) => {
    const own = (await measure("syszap", startSyszap, context)) ?? Number.NaN;
    const others: Record<string, { kb_per_connection: number }> = {};
    for (const [name, start] of Object.entries(peers)) {
      const kb = await measure(name, start, context);
      if (kb === undefined) context.log(`${name} is not available on this machine and is skipped`);
      else others[name] = { kb_per_connection: kb };
    }
    const ratios = Object.entries(others).map(([name, each]) => [`ratio_${name}`, own / each.kb_per_connection]);
    return { figures: { kb_per_connection: own, ...Object.fromEntries(ratios) }, peers: others };
  },
};

/** Measures one gateway with its own Redis. All processes end before the next measurement. */
async function measure(name: string, start: StartGateway, { log }: BenchmarkContext): Promise<number | undefined> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const redis = await startRedis();
    closers.push(() => redis.stop());
    // Some clients connect before the measurement, so that one-time allocations are not counted.
    const options = { redisUrl: redis.url, companies, clients: companies };
    const environment = await openLoadEnvironment([name, start], options, (close) => closers.push(close));
    if (!environment) return undefined;
    await delay(settleBeforeMs);
    const before = residentKb(environment.gateway.pid);
    await connectClients(environment, clients / companies);
    await delay(settleAfterMs);
    const { open } = await environment.pool.count();
    if (name === "syszap") await reportGaps([environment], log);
    if (open !== clients + companies) throw new Error(`${name}: only ${open} clients are still connected`);
    const kb = (residentKb(environment.gateway.pid) - before) / clients;
    log(`${name}: ${kb.toFixed(1)} KB per connection (${Math.round(before / 1_024)} MB before)`);
    return kb;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}
