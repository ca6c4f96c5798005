import { setTimeout as delay } from "node:timers/promises";
import type { Session } from "@syszap/contracts";
import type { BuiltService } from "@syszap/testing/servers";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import { type Benchmark, type BenchmarkContext, type Figures, median } from "../harness/benchmark.ts";
import { hostsOf, processesOf, pssMb } from "../whatsapp/memory.ts";
import { WhatsAppEnvironment } from "../whatsapp/whatsapp-environment.ts";

type Linked = { session: Session; phone: Phone };
const rounds = 3;
const sessionCount = 10;
/** A browser releases the memory of its start only after some seconds. */
const settleMs = 5_000;
const memorySamples = 5;

export const sessions: Benchmark = {
  name: "sessions",
  about:
    "Time from the request for a session until its QR code, its link or its resumption is published, and the memory of its processes.",
  async run(context) {
    const whatsApp = await WhatsAppEnvironment.open(context);
    const connector = await whatsApp.connector(context.onEnd);
    const { figures: alone, linked } = await oneAfterTheOther(whatsApp, connector, context);
    const together = await allAtOnce(whatsApp, connector, linked, context);
    return { figures: { ...alone, ...together } };
  },
};

/** Starts one session at a time and measures its times and memory. */
async function oneAfterTheOther(whatsApp: WhatsAppEnvironment, connector: BuiltService, { log }: BenchmarkContext) {
  const times = { qr: [] as number[], connected: [] as number[], resumed: [] as number[] };
  const memory = { all: [] as number[], host: [] as number[] };
  const linked: Linked[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const one = await whatsApp.session();
    linked.push(one);
    const { qrMs, connectedMs } = await link(whatsApp, one);
    times.qr.push(qrMs);
    times.connected.push(connectedMs);
    await stop(whatsApp, one.session);
    const requestedMs = await whatsApp.setDesiredState(one.session, "running");
    times.resumed.push((await whatsApp.detail(one.session, "connected")).receivedMs - requestedMs);
    const held = await memoryOf(connector);
    memory.all.push(held.all);
    memory.host.push(held.host);
    log(`Session ${round} of ${rounds}: code ${qrMs.toFixed(0)} ms, link ${connectedMs.toFixed(0)} ms.`);
    await stop(whatsApp, one.session);
  }
  const figures: Figures = {
    time_to_qr_ms: median(times.qr),
    scan_to_connected_ms: median(times.connected),
    resume_ms: median(times.resumed),
    pss_mb_1: median(memory.all),
    host_pss_mb: median(memory.host),
  };
  return { figures, linked };
}

/** Starts all sessions at once, then restarts their connector. */
async function allAtOnce(
  whatsApp: WhatsAppEnvironment,
  connector: BuiltService,
  linked: Linked[],
  { log, onEnd }: BenchmarkContext,
): Promise<Figures> {
  const all = [...linked];
  while (all.length < sessionCount) all.push(await whatsApp.session());
  // Phones that are already linked are unlinked, so that all sessions show a QR code.
  for (const { phone } of linked) phone.unlink();
  const startedMs = performance.now();
  const times = await Promise.all(all.map((one) => link(whatsApp, one)));
  const stormMs = performance.now() - startedMs;
  log(`${sessionCount} sessions at once: all usable after ${stormMs.toFixed(0)} ms.`);
  const held = await memoryOf(connector);
  await connector.stop(30_000);
  for (const { session } of all) whatsApp.forget(session);
  const restartedMs = performance.now();
  const connected = all.map(({ session }) => whatsApp.detail(session, "connected"));
  await whatsApp.connector(onEnd);
  await Promise.all(connected);
  return {
    storm_10_ms: stormMs,
    storm_10_qr_median_ms: median(times.map(({ qrMs }) => qrMs)),
    restart_10_ms: performance.now() - restartedMs,
    pss_mb_per_session_10: held.all / sessionCount,
    host_pss_mb_10: held.host / sessionCount,
    connector_pss_mb_10: held.connector,
  };
}

/** Starts a session, scans its QR code at once and waits for the connection. */
async function link(whatsApp: WhatsAppEnvironment, { session, phone }: Linked) {
  const requestedMs = await whatsApp.setDesiredState(session, "running");
  const code = await whatsApp.next("qr_code", ({ sessionId }) => sessionId === session.id);
  const scannedMs = performance.now();
  whatsApp.standIn.scan(code.data.raw ?? "", phone);
  const connected = await whatsApp.detail(session, "connected");
  return { qrMs: code.receivedMs - requestedMs, connectedMs: connected.receivedMs - scannedMs };
}

async function stop(whatsApp: WhatsAppEnvironment, session: Session): Promise<void> {
  await whatsApp.setDesiredState(session, "stopped");
  await whatsApp.detail(session, "stopped");
}

/** Memory in MB, as medians of several samples: all engine processes, their hosts, and the connector. */
async function memoryOf(connector: BuiltService) {
  await delay(settleMs);
  const samples: { all: number; host: number; connector: number }[] = [];
  while (samples.length < memorySamples) {
    const hosts = hostsOf(connector.process.pid);
    const all = pssMb(hosts.flatMap(processesOf));
    samples.push({ all, host: pssMb(hosts), connector: pssMb([connector.process.pid]) });
    await delay(300);
  }
  return {
    all: median(samples.map((sample) => sample.all)),
    host: median(samples.map((sample) => sample.host)),
    connector: median(samples.map((sample) => sample.connector)),
  };
}
