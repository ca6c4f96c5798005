import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import type { StartGateway } from "../gateways/measured-gateway.ts";
import { startSocketIo } from "../gateways/socketio.ts";
import { startSocketIoStreams } from "../gateways/socketio-streams.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type Figures, median, percentile } from "../harness/benchmark.ts";
import { type LoadEnvironment, openLoadEnvironment, reportGaps, sizeFor } from "../load/load-environment.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived, saturate } from "../load/saturate.ts";

const defaultRounds = 5;
const [warmUpMs, defaultSeconds] = [1_000, 5];
const microsecondsPerMs = 1_000;

export const latency: Benchmark = {
  name: "latency",
  about:
    "Time from publishing an event to its arrival at a client, at half of the lower maximum throughput of both Socket.IO adapters: 1,000 clients in 50 companies",
  goals: { ratio_streams_p50: "< 1", ratio_streams_p99: "< 1" },
  run: async ({ onEnd, log, options }) => {
    const { rounds = defaultRounds, seconds = defaultSeconds } = options;
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const open = async (name: string, start: StartGateway) => {
      const environment = await openLoadEnvironment([name, start], { redisUrl: redis.url, ...sizeFor(options) }, onEnd);
      if (!environment) throw new Error(`${name} did not start.`);
      return environment;
    };
    const socketio = await open("socketio", startSocketIo);
    const streams = await open("socketio_streams", startSocketIoStreams);
    const syszap = await open("syszap", startSyszap);
    const capacities = [await saturate(socketio), await saturate(streams)].map((each) => each.deliveriesPerSecond);
    const perSecond = Math.max(1, Math.round(Math.min(...capacities) / 2 / syszap.clientsPerCompany));
    log(`Socket.IO carries ${capacities.map(Math.round).join(" and ")} deliveries/s; all get ${perSecond} events/s`);
    const results = new Map<LoadEnvironment, Figures[]>([
      [syszap, []],
      [socketio, []],
      [streams, []],
    ]);
    for (let round = 1; round <= rounds; round++) {
      for (const [environment, figures] of results) {
        const measured = await measure(environment, perSecond, seconds);
        figures.push(measured);
        log(
          `round ${round}, ${environment.name}: p50 ${measured.p50_ms?.toFixed(2)} ms, p99 ${measured.p99_ms?.toFixed(2)} ms`,
        );
      }
    }
    const [own, pubSub, withLog] = [syszap, socketio, streams].map((each) => middle(results.get(each) ?? []));
    return {
      figures: {
        ...own,
        ...ratiosOf("socketio", own, pubSub),
        ...ratiosOf("streams", own, withLog),
        deliveries_per_s: perSecond * syszap.clientsPerCompany,
        ...(await reportGaps([syszap], log)),
      },
      peers: { socketio: pubSub ?? {}, socketio_streams: withLog ?? {} },
    };
  },
};

const ratiosOf = (peerName: string, own: Figures | undefined, peer: Figures | undefined): Figures => ({
  [`ratio_${peerName}_p50`]: (own?.p50_ms ?? Number.NaN) / (peer?.p50_ms ?? Number.NaN),
  [`ratio_${peerName}_p99`]: (own?.p99_ms ?? Number.NaN) / (peer?.p99_ms ?? Number.NaN),
});

async function measure(
  { name, pool, gateway, companyIds, clientsPerCompany }: LoadEnvironment,
  perSecond: number,
  seconds: number,
) {
  const { events } = await pool.count();
  const load = new PacedLoad({ publish: gateway.publish, companyIds, perSecond });
  await delay(warmUpMs);
  await pool.listen(true);
  await delay(seconds * 1_000);
  const latencies = (await pool.latencies()).flat().map((microseconds) => microseconds / microsecondsPerMs);
  await load.stop();
  await pool.listen(false);
  await arrived({ pool, name }, events + load.published * clientsPerCompany);
  return { p50_ms: percentile(latencies, 50), p99_ms: percentile(latencies, 99) };
}

const middle = (results: readonly Figures[]) => ({
  p50_ms: median(results.map((each) => each.p50_ms ?? Number.NaN)),
  p99_ms: median(results.map((each) => each.p99_ms ?? Number.NaN)),
});
