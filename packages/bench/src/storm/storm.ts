import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { MeasuredGateway } from "../gateways/measured-gateway.ts";
import { startSyszap } from "../gateways/syszap.ts";
import { type Benchmark, type BenchmarkContext, median } from "../harness/benchmark.ts";
import { eventSaying } from "../load/event.ts";
import { PacedLoad } from "../load/paced.ts";
import { type ClientPosition, markOf } from "./commands.ts";
import { ReturningClients } from "./returning-clients.ts";

const [companies, membersPerCompany] = [100, 50];
/** Of all companies together, all the time: two a second each. */
const publishedPerSecond = 200;
const rounds = 3;
const warmUpMs = 2_000;
/** While about half of the clients are still away. */
const markerAfterMs = 300;
const caughtUpWithinMs = 60_000;
/** Longer than a gateway keeps a company after its last connection left. */
const betweenRoundsMs = 3_000;

const kinds = ["same", "elsewhere"] as const;
type Kind = (typeof kinds)[number];
interface Round {
  caughtUpMs: number;
  logReads: number;
  attempts: number;
}

export const storm: Benchmark = {
  name: "storm",
  about:
    "5,000 clients of 100 companies are cut at once and come back with full jitter, a fresh ticket and their cursor, to the same gateway or to one that knows none of them: from the cut until the last one has everything up to an event published after it",
  goals: {
    caught_up_ms: "< 5,000",
    elsewhere_caught_up_ms: "< 5,000",
    redis_reads: `≤ ${companies}`,
    elsewhere_redis_reads: `≤ ${2 * companies}`,
    lost: "0",
  },
  run: async (context) => {
    const environment = await openLoadEnvironment(context);
    await delay(warmUpMs);
    const measured: Record<Kind, Round[]> = { same: [], elsewhere: [] };
    for (let round = 1; round <= rounds; round++) {
      for (const kind of kinds) {
        if (kind === "elsewhere") environment.moveOn();
        const result = await storming(environment);
        measured[kind].push(result);
        const { caughtUpMs, logReads, attempts } = result;
        context.log(`round ${round}, ${kind}: ${Math.round(caughtUpMs)} ms, ${logReads} reads, ${attempts} attempts`);
        await delay(betweenRoundsMs);
      }
    }
    environment.load.stop();
    const verdict = await environment.clients.judge(environment.told);
    const { received, missing, doubled, foreign, holes } = verdict;
    context.log(`${received} events received: ${JSON.stringify({ missing, doubled, foreign, holes })}`);
    const of = (kind: Kind, figure: keyof Round) => median(measured[kind].map((round) => round[figure]));
    const most = (kind: Kind) => Math.max(...measured[kind].map(({ logReads }) => logReads));
    return {
      figures: {
        caught_up_ms: of("same", "caughtUpMs"),
        elsewhere_caught_up_ms: of("elsewhere", "caughtUpMs"),
        redis_reads: most("same"),
        elsewhere_redis_reads: most("elsewhere"),
        companies,
        attempts: of("same", "attempts"),
        lost: missing + doubled + foreign + holes,
      },
    };
  },
};

interface LoadEnvironment {
  clients: ReturningClients;
  redis: Redis;
  load: PacedLoad;
  /** Events that each company was told. */
  told: number[];
  tellAll: () => void;
  /** From now on clients come to the other gateway. */
  moveOn: () => void;
}

async function openLoadEnvironment({ onEnd }: BenchmarkContext): Promise<LoadEnvironment> {
  const server = await startRedis();
  onEnd(() => server.stop());
  const redis = new Redis(server.url);
  onEnd(async () => redis.disconnect());
  const gateways: MeasuredGateway[] = [];
  for (let left = 2; left > 0; left--) {
    const gateway = await startSyszap(server.url);
    onEnd(() => gateway.close());
    gateways.push(gateway);
  }
  const ways = waysIn(gateways);
  const clients = new ReturningClients(ways.requestEndpoint);
  onEnd(() => clients.close());
  await clients.join(companies, membersPerCompany);
  const told = new Array<number>(companies).fill(0);
  const tell = (company: number, isMarker: boolean) => {
    const number = (told[company] ?? 0) + 1;
    told[company] = number;
    return ways.publish(company, markOf(company, number, isMarker));
  };
  const load = new PacedLoad({
    publish: (companyId) => tell(ways.companyIds.indexOf(companyId), false),
    companyIds: ways.companyIds,
    perSecond: publishedPerSecond,
  });
  onEnd(async () => load.stop());
  const tellAll = () => {
    for (let company = 0; company < companies; company++) void tell(company, true);
  };
  return { clients, redis, load, told, tellAll, moveOn: ways.moveOn };
}

/** Two gateways, of which one is in use; the people of a company share the address of their office. */
function waysIn(gateways: readonly MeasuredGateway[]) {
  const companyIds = Array.from({ length: companies }, (): string => randomUUID());
  const userIds = companyIds.map(() => Array.from({ length: membersPerCompany }, () => randomUUID()));
  let turn = 0;
  const current = () => {
    const gateway = gateways[turn % gateways.length];
    if (!gateway) throw new Error("there is no gateway");
    return gateway;
  };
  return {
    companyIds,
    publish: (company: number, text: string) => current().publish(companyIds[company] ?? "", eventSaying(text)),
    moveOn: () => {
      turn += 1;
    },
    requestEndpoint: async ({ company, member }: ClientPosition, since: string | undefined) => {
      const companyId = companyIds[company] ?? "";
      const endpoint = await current().endpointFor({
        companyId,
        userId: userIds[company]?.[member] ?? "",
        group: company,
      });
      const path = since === undefined ? endpoint.path : `${endpoint.path}&since=${since}`;
      return { ...endpoint, path, headers: { ...endpoint.headers, "x-forwarded-for": `10.1.${company}.1` } };
    },
  };
}

async function storming({ clients, redis, tellAll }: LoadEnvironment): Promise<Round> {
  const before = await logReads(redis);
  const caughtUp = clients.cut(caughtUpWithinMs);
  const marker = delay(markerAfterMs).then(tellAll);
  const [{ afterMs, attempts }] = await Promise.all([caughtUp, marker]);
  return { caughtUpMs: afterMs, logReads: (await logReads(redis)) - before, attempts };
}

/** As Redis itself counts them, those inside scripts too. Only gateways read logs here. */
async function logReads(redis: Redis): Promise<number> {
  const info = await redis.info("commandstats");
  const calls = info.matchAll(/^cmdstat_(?:xrange|xrevrange|xread):calls=(\d+)/gm);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}
