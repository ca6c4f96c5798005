import { startRedis } from "@syszap/testing/servers";
import { type Benchmark, type BenchmarkContext, type Figures, median } from "../benchmark.ts";
import type { StartContender } from "../contenders/contender.ts";
import { startNchan } from "../contenders/nchan.ts";
import { startPlainWs } from "../contenders/plain-ws.ts";
import { startSocketIo } from "../contenders/socketio.ts";
import { startSyszap } from "../contenders/syszap.ts";
import { type Saturation, saturate } from "../load/saturate.ts";
import { openScene, type Scene } from "../load/scene.ts";

const contenders: readonly (readonly [string, StartContender])[] = [
  ["syszap", startSyszap],
  ["socketio", startSocketIo],
  ["nchan", startNchan],
  ["plain_ws", startPlainWs],
];
const size = { clients: 1_000, companies: 50 };
const rounds = 3;

export const fanout: Benchmark = {
  name: "fanout",
  about:
    "CPU of the gateway's process for each event that reaches a client, at full speed: 1,000 clients in 50 companies, events of 350 bytes",
  goals: { ratio_socketio: "≤ 1/6", ratio_nchan: "≤ 1/5" },
  run: async (context) => {
    const redis = await startRedis();
    context.onEnd(() => redis.stop());
    const scenes: Scene[] = [];
    for (const contender of contenders) {
      const scene = await openScene(contender, { redisUrl: redis.url, ...size }, context.onEnd);
      if (scene) scenes.push(scene);
      else context.say(`${contender[0]} is not on this machine: left out`);
    }
    const results = await inTurn(scenes, context);
    const figuresOf = (name: string) => summarise(results.get(name) ?? []);
    const own = figuresOf("syszap");
    const peers = Object.fromEntries(
      scenes.filter(({ name }) => name !== "syszap").map(({ name }) => [name, figuresOf(name)]),
    );
    const ratios = Object.entries(peers).map(([name, figures]) => [
      `ratio_${name}`,
      (own.cpu_us_per_delivery ?? Number.NaN) / (figures.cpu_us_per_delivery ?? Number.NaN),
    ]);
    return { figures: { ...own, ...Object.fromEntries(ratios) }, peers };
  },
};

async function inTurn(scenes: Scene[], { say }: BenchmarkContext): Promise<Map<string, Saturation[]>> {
  const results = new Map<string, Saturation[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const scene of scenes) {
      const result = await saturate(scene);
      results.set(scene.name, [...(results.get(scene.name) ?? []), result]);
      const { cpuMicrosecondsPerDelivery, deliveriesPerSecond, coreShare } = result;
      say(
        `round ${round}, ${scene.name}: ${cpuMicrosecondsPerDelivery.toFixed(2)} µs of CPU per delivery, ` +
          `${Math.round(deliveriesPerSecond)} deliveries/s on ${Math.round(coreShare * 100)} % of a core`,
      );
    }
  }
  return results;
}

const summarise = (results: readonly Saturation[]): Figures => ({
  cpu_us_per_delivery: median(results.map((each) => each.cpuMicrosecondsPerDelivery)),
  deliveries_per_s: median(results.map((each) => each.deliveriesPerSecond)),
});
