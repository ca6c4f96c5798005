import { setTimeout as delay } from "node:timers/promises";
import type { StartGateway } from "../gateways/measured-gateway.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { startWsWithTickets } from "../gateways/ws-with-tickets.ts";
import { type Benchmark, type BenchmarkContext, type Figures, median } from "../harness/benchmark.ts";
import type { Verdict } from "./commands.ts";
import { openStormEnvironment, type Round, runRound, type StormSize } from "./storm-environment.ts";

const [defaultClients, membersPerCompany] = [5_000, 50];
const defaultRounds = 3;
const warmUpMs = 2_000;
/** Must exceed the time for which a gateway keeps a company after its last connection has closed. */
const betweenRoundsMs = 3_000;

type Kind = "same" | "elsewhere";
interface Storms {
  rounds: Record<Kind, Round[]>;
  verdict: Verdict;
}

export const storm: Benchmark = {
  name: "storm",
  about:
    "5,000 clients of 100 companies are disconnected at once and reconnect with full jitter, a fresh ticket and their cursor, to the same gateway or to one without their companies: time from the cut until the last client has received an event that was published after it, compared with a plain ws server that checks the same tickets",
  goals: {
    ratio_plain_ws: "≤ 1.5",
    redis_reads: "≤ companies",
    elsewhere_redis_reads: "≤ 2 × companies",
    lost: "0",
  },
  run: async (context) => {
    const { clients = defaultClients } = context.options;
    const size = { companies: Math.ceil(clients / membersPerCompany), membersPerCompany };
    const own = await measure(["syszap", startSyszap], ["same", "elsewhere"], size, context);
    const plain = await measure(["plain_ws", startWsWithTickets], ["same"], size, context);
    const [ownMs, plainMs] = [own, plain].map(({ rounds }) => median(rounds.same.map(({ caughtUpMs }) => caughtUpMs)));
    return {
      figures: {
        ...figuresOf(own),
        companies: size.companies,
        ratio_plain_ws: (ownMs ?? Number.NaN) / (plainMs ?? Number.NaN),
      },
      peers: { plain_ws: { caught_up_ms: plainMs ?? Number.NaN } },
    };
  },
};

/** Measures one kind of gateway. All its processes end before the next one is measured. */
async function measure(
  [name, start]: readonly [string, StartGateway],
  kinds: readonly Kind[],
  size: StormSize,
  { log, options }: BenchmarkContext,
): Promise<Storms> {
  const closers: (() => Promise<unknown>)[] = [];
  const rounds: Record<Kind, Round[]> = { same: [], elsewhere: [] };
  try {
    const environment = await openStormEnvironment({ start, count: kinds.length, size }, (close) =>
      closers.push(close),
    );
    await delay(warmUpMs);
    for (let round = 1; round <= (options.rounds ?? defaultRounds); round++) {
      for (const kind of kinds) {
        if (kind === "elsewhere") environment.useOtherGateway();
        const result = await runRound(environment);
        rounds[kind].push(result);
        const { caughtUpMs, logReads, attempts } = result;
        log(`round ${round}, ${name}, ${kind}: ${Math.round(caughtUpMs)} ms, ${logReads} reads, ${attempts} attempts`);
        await delay(betweenRoundsMs);
      }
    }
    await environment.load.stop();
    const verdict = await environment.clients.check(environment.published);
    log(`${name}: ${JSON.stringify(verdict)}`);
    return { rounds, verdict };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

function figuresOf({ rounds, verdict }: Storms): Figures {
  const of = (kind: Kind, figure: keyof Round) => median(rounds[kind].map((round) => round[figure]));
  const most = (kind: Kind) => Math.max(...rounds[kind].map(({ logReads }) => logReads));
  const { received: _, ...faults } = verdict;
  return {
    caught_up_ms: of("same", "caughtUpMs"),
    elsewhere_caught_up_ms: of("elsewhere", "caughtUpMs"),
    redis_reads: most("same"),
    elsewhere_redis_reads: most("elsewhere"),
    attempts: of("same", "attempts"),
    lost: Object.values(faults).reduce((sum, count) => sum + count, 0),
    resyncs: faults.resyncs,
    not_recovered: faults.notRecovered,
  };
}
