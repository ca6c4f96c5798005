import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import { type Benchmark, type Figures, median, percentile } from "../benchmark.ts";
import { startSocketIo } from "../contenders/socketio.ts";
import { startSyszap } from "../contenders/syszap.ts";
import { PacedLoad } from "../load/paced.ts";
import { arrived, saturate } from "../load/saturate.ts";
import { openScene, type Scene } from "../load/scene.ts";

const size = { clients: 1_000, companies: 50 };
const rounds = 5;
const [warmUpMs, measuredMs] = [1_000, 5_000];
const microsecondsPerMs = 1_000;

export const latency: Benchmark = {
  name: "latency",
  about:
    "Time from publishing an event to its arrival at a client, at half of what Socket.IO carries at full speed: 1,000 clients in 50 companies",
  goals: { ratio_socketio_p50: "< 1", ratio_socketio_p99: "< 1" },
  run: async ({ onEnd, say }) => {
    const redis = await startRedis();
    onEnd(() => redis.stop());
    const options = { redisUrl: redis.url, ...size };
    const socketio = await openScene(["socketio", startSocketIo], options, onEnd);
    const syszap = await openScene(["syszap", startSyszap], options, onEnd);
    if (!socketio || !syszap) throw new Error("a contender did not start");
    const capacity = (await saturate(socketio)).deliveriesPerSecond;
    const perSecond = Math.round(capacity / 2 / socketio.clientsPerCompany);
    say(`Socket.IO carries ${Math.round(capacity)} deliveries/s; both get ${perSecond} events/s`);
    const results = new Map<Scene, Figures[]>([
      [syszap, []],
      [socketio, []],
    ]);
    for (let round = 1; round <= rounds; round++) {
      for (const [scene, figures] of results) {
        const measured = await measure(scene, perSecond);
        figures.push(measured);
        say(
          `round ${round}, ${scene.name}: p50 ${measured.p50_ms?.toFixed(2)} ms, p99 ${measured.p99_ms?.toFixed(2)} ms`,
        );
      }
    }
    const own = middle(results.get(syszap) ?? []);
    const peer = middle(results.get(socketio) ?? []);
    const ratios = { ratio_socketio_p50: own.p50_ms / peer.p50_ms, ratio_socketio_p99: own.p99_ms / peer.p99_ms };
    return {
      figures: { ...own, ...ratios, deliveries_per_s: perSecond * syszap.clientsPerCompany },
      peers: { socketio: peer },
    };
  },
};

async function measure({ name, crowd, contender, companyIds, clientsPerCompany }: Scene, perSecond: number) {
  const { events } = await crowd.count();
  const load = new PacedLoad({ publish: contender.publish, companyIds, perSecond });
  await delay(warmUpMs);
  await crowd.listen(true);
  await delay(measuredMs);
  const latencies = (await crowd.latencies()).flat().map((microseconds) => microseconds / microsecondsPerMs);
  load.stop();
  await crowd.listen(false);
  await arrived({ crowd, name }, events + load.published * clientsPerCompany);
  return { p50_ms: percentile(latencies, 50), p99_ms: percentile(latencies, 99) };
}

const middle = (results: readonly Figures[]) => ({
  p50_ms: median(results.map((each) => each.p50_ms ?? Number.NaN)),
  p99_ms: median(results.map((each) => each.p99_ms ?? Number.NaN)),
});
