import { startRedis } from "@syszap/testing/servers";
import type { StartGateway } from "../gateways/measured-gateway.ts";
import { startNchan } from "../gateways/nchan.ts";
import { startPlainWs } from "../gateways/plain-ws.ts";
import { reachOfEvent } from "../gateways/reach.ts";
import { startSocketIo } from "../gateways/socketio.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type BenchmarkContext, type Figures, median } from "../harness/benchmark.ts";
import { type LoadEnvironment, openLoadEnvironment, reportGaps, sizeFor } from "../load/load-environment.ts";
import { type Saturation, saturate } from "../load/saturate.ts";
import { KernelWriter } from "./kernel.ts";

const gateways: readonly (readonly [string, StartGateway])[] = [
  ["syszap", startSyszap],
  ["socketio", startSocketIo],
  ["nchan", startNchan],
  ["plain_ws", startPlainWs],
];
const defaultRounds = 3;

export const fanout: Benchmark = {
  name: "fanout",
  about:
    "CPU of the gateway process per delivered event at full speed: 1,000 clients in 50 companies, events of 350 bytes",
  goals: { ratio_socketio: "≤ 1/6", ratio_nchan: "≤ 1/5", ratio_kernel: "≤ 1.5", ratio_reach: "≤ 1.1" },
  run: async (context) => {
    const redis = await startRedis();
    context.onEnd(() => redis.stop());
    const environments: LoadEnvironment[] = [];
    for (const gateway of gateways) {
      const environment = await openLoadEnvironment(
        gateway,
        { redisUrl: redis.url, ...sizeFor(context.options) },
        context.onEnd,
      );
      if (environment) environments.push(environment);
      else context.log(`${gateway[0]} is not available on this machine and is skipped`);
    }
    const kernel = await KernelWriter.open(sizeFor(context.options).clients, context.onEnd);
    const { results, kernelCosts, reachRatios } = await inTurn(environments, kernel, context);
    const figuresOf = (name: string) => summarise(results.get(name) ?? []);
    const own = figuresOf("syszap");
    const peers = Object.fromEntries(
      environments.filter(({ name }) => name !== "syszap").map(({ name }) => [name, figuresOf(name)]),
    );
    const ratios = Object.entries(peers).map(([name, figures]) => [
      `ratio_${name}`,
      (own.cpu_us_per_delivery ?? Number.NaN) / (figures.cpu_us_per_delivery ?? Number.NaN),
    ]);
    const gaps = await reportGaps(
      environments.filter(({ name }) => name === "syszap"),
      context.log,
    );
    const kernelRatios = (results.get("syszap") ?? []).map(
      ({ cpuMicrosecondsPerDelivery }, at) => cpuMicrosecondsPerDelivery / (kernelCosts[at] ?? Number.NaN),
    );
    return {
      figures: {
        ...own,
        ...Object.fromEntries(ratios),
        ratio_kernel: median(kernelRatios),
        ratio_reach: median(reachRatios),
        ...gaps,
      },
      peers: { ...peers, kernel: { cpu_us_per_delivery: median(kernelCosts) } },
    };
  },
};

async function inTurn(environments: LoadEnvironment[], kernel: KernelWriter, { log, options }: BenchmarkContext) {
  const { rounds = defaultRounds } = options;
  const results = new Map<string, Saturation[]>();
  const kernelCosts: number[] = [];
  const reachRatios: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const environment of environments) {
      const result = await saturate(environment);
      results.set(environment.name, [...(results.get(environment.name) ?? []), result]);
      const { cpuMicrosecondsPerDelivery, deliveriesPerSecond, coreShare, eventsPerWrite, bytesPerEvent } = result;
      log(
        `round ${round}, ${environment.name}: ${cpuMicrosecondsPerDelivery.toFixed(2)} µs of CPU per delivery, ` +
          `${Math.round(deliveriesPerSecond)} deliveries/s on ${Math.round(coreShare * 100)} % of a core, ` +
          `${eventsPerWrite.toFixed(1)} events of ${Math.round(bytesPerEvent)} bytes per write`,
      );
      if (environment.name !== "syszap") continue;
      const cost = await kernel.cpuPerDelivery(result);
      kernelCosts.push(cost);
      log(`round ${round}, the same writes without a gateway: ${cost.toFixed(2)} µs of CPU per delivery`);
      const withReach = await saturate(environment, reachOfEvent);
      reachRatios.push(withReach.cpuMicrosecondsPerDelivery / cpuMicrosecondsPerDelivery);
      log(
        `round ${round}, ${environment.name} with audiences by teams: ` +
          `${withReach.cpuMicrosecondsPerDelivery.toFixed(2)} µs of CPU per delivery, ` +
          `${withReach.eventsPerWrite.toFixed(1)} events per write`,
      );
    }
  }
  return { results, kernelCosts, reachRatios };
}

const summarise = (results: readonly Saturation[]): Figures => ({
  cpu_us_per_delivery: median(results.map((each) => each.cpuMicrosecondsPerDelivery)),
  deliveries_per_s: median(results.map((each) => each.deliveriesPerSecond)),
  events_per_write: median(results.map((each) => each.eventsPerWrite)),
});
