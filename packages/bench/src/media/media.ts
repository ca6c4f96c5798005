import type { BuiltService } from "@syszap/testing/servers";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import { type Benchmark, type Figures, median } from "../benchmark.ts";
import { hostsOf, processesOf, pssMb, watchGrowthMb } from "../phones/memory.ts";
import { Stack } from "../phones/stack.ts";

const megabyte = 1e6;
const sizes = [32, 200] as const;
const rounds = 3;
const ana = "5511988887777";
const sampleMs = 200;

/** By how much the memory of those that carry a file rose at most, in MB. */
interface Growth {
  connector: number;
  host: number;
  engine: number;
}

export const media: Benchmark = {
  name: "media",
  about:
    "From the moment at which WhatsApp tells of a file until its message is published with the file in the media store, and how far memory rises meanwhile.",
  goals: { connector_growth_mb_200: "< 64", host_growth_mb_200: "< 64" },
  async run(context) {
    const stack = await Stack.open(context);
    await stack.worker(context.onEnd);
    const connector = await stack.connector(context.onEnd);
    const { session, phone } = await stack.session();
    await stack.want(session, "running");
    const code = await stack.next("qr_code", ({ sessionId }) => sessionId === session.id);
    stack.standIn.scan(code.data.raw ?? "", phone);
    await stack.detail(session, "connected");
    await receive(stack, phone, "first", 8); // loads and compiles what every later one finds there
    const figures: Figures = {};
    const growth = watch(connector);
    for (const size of sizes) {
      const seconds: number[] = [];
      growth.restart();
      for (let round = 1; round <= rounds; round += 1) {
        seconds.push(await receive(stack, phone, `${size} MB, ${round}`, size));
        context.say(`${size} MB, ${round} of ${rounds}: ${seconds.at(-1)?.toFixed(1)} s`);
      }
      figures[`mb_per_s_${size}`] = size / median(seconds);
      for (const [whose, megabytes] of Object.entries(growth.read())) figures[`${whose}_growth_mb_${size}`] = megabytes;
    }
    growth.stop();
    return { figures };
  },
};

/** Seconds until the message was published, file and all. */
async function receive(stack: Stack, phone: Phone, body: string, size: number): Promise<number> {
  // A name of its own does not make other bytes: the size does, so that no round finds the file of another in a cache.
  const generatedBytes = size * megabyte + body.length * 4_096 + phone.account.messages.length;
  const told = stack.next("new_message", ({ Body }) => Body === body);
  phone.receive({ from: ana, body, media: { generatedBytes, mimeType: "video/mp4" } });
  const startedMs = performance.now();
  const { data, heardMs } = await told;
  if (data.Media?.Size !== generatedBytes) throw new Error(`the message "${body}" came without its file`);
  return (heardMs - startedMs) / 1_000;
}

/** Over idle: connector and host by the kernel's own peak, all processes of the engine together by sampling. */
function watch(connector: BuiltService) {
  const [host = 0] = hostsOf(connector.process.pid);
  const ofConnector = watchGrowthMb(connector.process.pid);
  const ofHost = watchGrowthMb(host);
  const engine = () => pssMb(processesOf(host));
  const idle = engine();
  let peak = idle;
  const sampling = setInterval(() => {
    peak = Math.max(peak, engine());
  }, sampleMs).unref();
  return {
    restart: () => {
      ofConnector.restart();
      ofHost.restart();
      peak = idle;
    },
    read: (): Growth => ({ connector: ofConnector.read(), host: ofHost.read(), engine: peak - idle }),
    stop: () => clearInterval(sampling),
  };
}
