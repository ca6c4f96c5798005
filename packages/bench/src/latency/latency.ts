import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import { startSocketIo } from "../gateways/socketio.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type Figures, median, percentile } from "../harness/benchmark.ts";
import { type LoadEnvironment, openLoadEnvironment, reportGaps } from "../load/load-environment.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived, saturate } from "../load/saturate.ts";

const size = { clients: 1_000, companies: 50 };
const defaultRounds = 5;
const [warmUpMs, defaultSeconds] = [1_000, 5];
const microsecondsPerMs = 1_000;

export const latency: Benchmark = {
  name: "latency",
  about:
    "Time from publishing an event to its arrival at a client, at half of Socket.IO's maximum throughput: 1,000 clients in 50 companies",
  goals: { ratio_socketio_p50: "< 1", ratio_socketio_p99: "< 1" },
  run: async ({ onEnd, log, options }) => {
    const { rounds = defaultRounds, seconds = defaultSeconds } = options;
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const environmentOptions = { redisUrl: redis.url, ...size };
    const socketio = await openLoadEnvironment(["socketio", startSocketIo], environmentOptions, onEnd);
    const syszap = await openLoadEnvironment(["syszap", startSyszap], environmentOptions, onEnd);
    if (!socketio || !syszap) throw new Error("A gateway did not start.");
    const capacity = (await saturate(socketio)).deliveriesPerSecond;
    const perSecond = Math.round(capacity / 2 / socketio.clientsPerCompany);
    log(`Socket.IO carries ${Math.round(capacity)} deliveries/s; both get ${perSecond} events/s`);
    const results = new Map<LoadEnvironment, Figures[]>([
      [syszap, []],
      [socketio, []],
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
    const own = middle(results.get(syszap) ?? []);
    const peer = middle(results.get(socketio) ?? []);
    const ratios = { ratio_socketio_p50: own.p50_ms / peer.p50_ms, ratio_socketio_p99: own.p99_ms / peer.p99_ms };
    return {
      figures: {
        ...{ ...own, ...ratios, deliveries_per_s: perSecond * syszap.clientsPerCompany },
        ...(await reportGaps([syszap], log)),
      },
      peers: { socketio: peer },
    };
  },
};

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
