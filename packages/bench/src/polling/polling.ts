import { setTimeout as delay } from "node:timers/promises";
import { type Benchmark, type BenchmarkContext, type Figures, percentile } from "../harness/benchmark.ts";
import { Clients } from "./clients/clients.ts";
import type { ClientsReport, Mode } from "./clients/commands.ts";
import { conversationOf, type Line } from "./conversation.ts";
import { clientsPerCompany, openPollingEnvironment, type PollingEnvironment } from "./environment.ts";
import { cpuOf, difference, memoryMbOf, type PerServer, sumOf } from "./server-costs.ts";

const sizes = [10, 100, 1_000];
const defaultSeconds = 60;
/** Time in which the clients open, so that their polls are spread over one interval. */
const openOverMs = 5_000;
/** Every message has been polled after this time, unless the servers are too slow. */
const tailMs = 6_000;
/** After the warm-up messages and before the idle memory is measured: V8 releases memory after some seconds. */
const settleMs = 15_000;
/** For messages that are still missing after the measurement. */
const missingDeadlineMs = 60_000;
const msPerMinute = 60_000;

export const polling: Benchmark = {
  name: "polling",
  about:
    "The same conversation once with clients that poll the REST API (QR code every 2 s, messages and clients every 5 s) and once with clients on the socket: delay from WhatsApp to the client, requests, bytes, CPU and memory of all servers",
  goals: Object.fromEntries(
    sizes.flatMap((size) => [
      [`delay_reduction_${size}`, "claimed: 0.95"],
      [`request_reduction_${size}`, "claimed: 0.8"],
      [`cpu_reduction_${size}`, "claimed: 0.7"],
      [`push_p99_ms_${size}`, "claimed: < 50"],
    ]),
  ),
  run: async (context) => {
    const figures: Figures = {};
    const { clients, seconds = defaultSeconds } = context.options;
    for (const size of clients === undefined ? sizes : [clients]) {
      const poll = await measure("poll", size, seconds * 1_000, context);
      const push = await measure("push", size, seconds * 1_000, context);
      Object.assign(figures, withSize(compare(poll, push), size));
    }
    return { figures };
  },
};

interface Measurement {
  report: ClientsReport;
  clientMinutes: number;
  cpu: PerServer;
  memoryGrowthMb: PerServer;
  missing: number;
}

/** Measures one mode with new servers, so that neither run finds memory or caches of the other. */
async function measure(
  mode: Mode,
  size: number,
  conversationMs: number,
  { log }: BenchmarkContext,
): Promise<Measurement> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const environment = await openPollingEnvironment(size, (close) => closers.push(close));
    const clients = new Clients();
    closers.push(() => clients.close());
    await delay(settleMs);
    const measurement = await converse({ mode, environment, clients, conversationMs });
    const { delaysMs, requests, failures, resyncs, notRecovered } = measurement.report;
    log(
      `${size} clients, ${mode}: p50 ${percentile(delaysMs, 50).toFixed(1)} ms, p99 ${percentile(delaysMs, 99).toFixed(1)} ms, ` +
        `${requests} requests (${failures} failed), ${measurement.missing} messages missing, ` +
        `${resyncs} resync, ${notRecovered} recovered: false; CPU in seconds: ${shown(measurement.cpu)}; memory growth in MB: ${shown(measurement.memoryGrowthMb)}`,
    );
    return measurement;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Run {
  mode: Mode;
  environment: PollingEnvironment;
  clients: Clients;
  conversationMs: number;
}

/** The measured time is the same for both modes: the clients open, the conversation, and the time until it is polled. */
async function converse({ mode, environment, clients, conversationMs }: Run): Promise<Measurement> {
  const { pids, clients: identities } = environment;
  const lines = conversationOf(Math.ceil(identities.length / clientsPerCompany), conversationMs);
  const [idleMb, cpuBefore, startedAt] = [memoryMbOf(pids), cpuOf(pids), performance.now()];
  await clients.open(mode, identities, openOverMs);
  await write(environment, lines);
  await delay(startedAt + openOverMs + conversationMs + tailMs - performance.now());
  const cpuAfter = cpuOf(pids);
  const memoryGrowthMb = difference(memoryMbOf(pids), idleMb);
  const minutes = (performance.now() - startedAt) / msPerMinute;
  const missing = await missingAt(clients, expectedOf(lines, identities.length));
  return {
    report: await clients.report(),
    clientMinutes: minutes * identities.length,
    cpu: difference(cpuAfter, cpuBefore),
    memoryGrowthMb,
    missing,
  };
}

/** Writes each line at its time, independent of the speed of the product. */
async function write(environment: PollingEnvironment, lines: readonly Line[]): Promise<void> {
  const startedAt = performance.now();
  const written: Promise<void>[] = [];
  for (const { atMs, company, body } of lines) {
    await delay(startedAt + atMs - performance.now());
    written.push(environment.write(company, body));
  }
  await Promise.all(written);
}

/** Each message is received by the clients of its company; the last company may have fewer. */
function expectedOf(lines: readonly Line[], clients: number): number {
  const clientsOf = (company: number) => Math.min(clientsPerCompany, clients - company * clientsPerCompany);
  return lines.reduce((sum, { company }) => sum + clientsOf(company), 0);
}

async function missingAt(clients: Clients, expected: number): Promise<number> {
  let received = await clients.received();
  for (
    let changedAt = Date.now();
    received < expected && Date.now() - changedAt < missingDeadlineMs;
    await delay(100)
  ) {
    const now = await clients.received();
    if (now > received) changedAt = Date.now();
    received = now;
  }
  return expected - received;
}

const shown = (values: PerServer) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(2)}`)
    .join(", ");

const withSize = (figures: Figures, size: number): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${name}_${size}`, value]));

function compare(poll: Measurement, push: Measurement): Figures {
  const [polled, pushed] = [figuresOf(poll), figuresOf(push)];
  const reduction = (name: string) => 1 - (pushed[name] ?? Number.NaN) / (polled[name] ?? Number.NaN);
  return {
    delay_reduction: reduction("p50_ms"),
    request_reduction: reduction("requests_per_client_min"),
    byte_reduction: reduction("bytes_per_client_min"),
    cpu_reduction: reduction("cpu_s"),
    memory_growth_push_mb: sumOf(push.memoryGrowthMb),
    memory_growth_poll_mb: sumOf(poll.memoryGrowthMb),
    ...prefixed("push", pushed),
    ...prefixed("poll", polled),
  };
}

const prefixed = (prefix: string, figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}_${name}`, value]));

const figuresOf = ({ report, clientMinutes, cpu, missing }: Measurement): Figures => ({
  p50_ms: percentile(report.delaysMs, 50),
  p95_ms: percentile(report.delaysMs, 95),
  p99_ms: percentile(report.delaysMs, 99),
  requests_per_client_min: report.requests / clientMinutes,
  bytes_per_client_min: report.bytes / clientMinutes,
  cpu_s: sumOf(cpu),
  postgres_cpu_s: cpu.postgres,
  redis_cpu_s: cpu.redis,
  missing,
  failures: report.failures,
  resyncs: report.resyncs,
  not_recovered: report.notRecovered,
});
