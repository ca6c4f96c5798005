import type { BuiltService } from "@syszap/testing/servers";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import { type Benchmark, type Figures, median } from "../harness/benchmark.ts";
import { hostsOf, processesOf, pssMb, watchGrowthMb } from "../whatsapp/memory.ts";
import { WhatsAppEnvironment } from "../whatsapp/whatsapp-environment.ts";

const megabyte = 1e6;
const sizes = [32, 200] as const;
const rounds = 3;
const ana = "5511988887777";
const sampleMs = 200;

/** Peak memory growth of the processes that transfer a file, in MB. */
interface Growth {
  connector: number;
  host: number;
  engine: number;
}

export const media: Benchmark = {
  name: "media",
  about:
    "Time from WhatsApp's announcement of a file until its message is published with the file in the media store, and the memory growth meanwhile.",
  goals: { connector_growth_mb_200: "< 64", host_growth_mb_200: "< 64" },
  async run(context) {
    const whatsApp = await WhatsAppEnvironment.open(context);
    await whatsApp.worker(context.onEnd);
    const connector = await whatsApp.connector(context.onEnd);
    const { session, phone } = await whatsApp.session();
    await whatsApp.setDesiredState(session, "running");
    const code = await whatsApp.next("qr_code", ({ sessionId }) => sessionId === session.id);
    whatsApp.standIn.scan(code.data.raw ?? "", phone);
    await whatsApp.detail(session, "connected");
    // Warm-up: the first file loads and compiles code.
    await receive(whatsApp, phone, "first", 8);
    const figures: Figures = {};
    const growth = watch(connector);
    for (const size of sizes) {
      const seconds: number[] = [];
      growth.restart();
      for (let round = 1; round <= rounds; round += 1) {
        seconds.push(await receive(whatsApp, phone, `${size} MB, ${round}`, size));
        context.log(`${size} MB, ${round} of ${rounds}: ${seconds.at(-1)?.toFixed(1)} s`);
      }
      figures[`mb_per_s_${size}`] = size / median(seconds);
      for (const [whose, megabytes] of Object.entries(growth.read())) figures[`${whose}_growth_mb_${size}`] = megabytes;
    }
    growth.stop();
    return { figures };
  },
};

/** Seconds until the message was published with its file. */
async function receive(whatsApp: WhatsAppEnvironment, phone: Phone, body: string, size: number): Promise<number> {
  // Generated files differ only by their size. A different size per round prevents cache hits.
  const generatedBytes = size * megabyte + body.length * 4_096 + phone.account.messages.length;
  const published = whatsApp.next("new_message", ({ Body }) => Body === body);
  phone.receive({ from: ana, body, media: { generatedBytes, mimeType: "video/mp4" } });
  const startedMs = performance.now();
  const { data, receivedMs } = await published;
  if (data.Media?.Size !== generatedBytes) throw new Error(`The message "${body}" was published without its file.`);
  return (receivedMs - startedMs) / 1_000;
}

/**
 * Growth over the idle state: for connector and host from the kernel's peak counter, for all engine processes by
 * sampling.
 */
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
