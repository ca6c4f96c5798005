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
/** For all companies together: two events per second for each. */
const publishedPerSecond = 200;
const rounds = 3;
const warmUpMs = 2_000;
/** About half of the clients are still disconnected at this time. */
const markerAfterMs = 300;
const caughtUpWithinMs = 60_000;
/** Must exceed the time for which a gateway keeps a company after its last connection has closed. */
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
    "5,000 clients of 100 companies are disconnected at once and reconnect with full jitter, a fresh ticket and their cursor, to the same gateway or to one without their companies: time from the cut until the last client has received an event that was published after it",
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
        if (kind === "elsewhere") environment.useOtherGateway();
        const result = await runRound(environment);
        measured[kind].push(result);
        const { caughtUpMs, logReads, attempts } = result;
        context.log(`round ${round}, ${kind}: ${Math.round(caughtUpMs)} ms, ${logReads} reads, ${attempts} attempts`);
        await delay(betweenRoundsMs);
      }
    }
    await environment.load.stop();
    const verdict = await environment.clients.check(environment.published);
    const { received, ...faults } = verdict;
    context.log(`${received} events received: ${JSON.stringify(faults)}`);
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
        lost: Object.values(faults).reduce((sum, count) => sum + count, 0),
        resyncs: faults.resyncs,
        not_recovered: faults.notRecovered,
      },
    };
  },
};

interface LoadEnvironment {
  clients: ReturningClients;
  redis: Redis;
  load: PacedLoad;
  /** Number of published events per company. */
  published: number[];
  publishMarkers: () => Promise<unknown>;
  /** Directs all further connections to the other gateway. */
  useOtherGateway: () => void;
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
  const endpoints = createEndpoints(gateways);
  const clients = new ReturningClients(endpoints.requestEndpoint);
  onEnd(() => clients.close());
  await clients.join(companies, membersPerCompany);
  const published = new Array<number>(companies).fill(0);
  const publish = (company: number, isMarker: boolean) => {
    const number = (published[company] ?? 0) + 1;
    published[company] = number;
    return endpoints.publish(company, markOf(company, number, isMarker));
  };
  const load = new PacedLoad({
    publish: (companyId) => publish(endpoints.companyIds.indexOf(companyId), false),
    companyIds: endpoints.companyIds,
    perSecond: publishedPerSecond,
  });
  onEnd(async () => load.stop());
  const publishMarkers = () => Promise.all(Array.from({ length: companies }, (_, company) => publish(company, true)));
  return { clients, redis, load, published, publishMarkers, useOtherGateway: endpoints.useOtherGateway };
}

/** Endpoints of two gateways, one of which is in use. Clients of a company share one IP address, like an office. */
function createEndpoints(gateways: readonly MeasuredGateway[]) {
  const companyIds = Array.from({ length: companies }, (): string => randomUUID());
  const userIds = companyIds.map(() => Array.from({ length: membersPerCompany }, () => randomUUID()));
  let turn = 0;
  const current = () => {
    const gateway = gateways[turn % gateways.length];
    if (!gateway) throw new Error("The list of gateways is empty.");
    return gateway;
  };
  return {
    companyIds,
    publish: (company: number, text: string) => current().publish(companyIds[company] ?? "", eventSaying(text)),
    useOtherGateway: () => {
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

async function runRound({ clients, redis, publishMarkers }: LoadEnvironment): Promise<Round> {
  const before = await logReads(redis);
  const caughtUp = clients.cut(caughtUpWithinMs);
  const marker = delay(markerAfterMs).then(publishMarkers);
  const [{ afterMs, attempts }] = await Promise.all([caughtUp, marker]);
  return { caughtUpMs: afterMs, logReads: (await logReads(redis)) - before, attempts };
}

/** Number of log reads from Redis' own statistics, including those in scripts. Only gateways read logs here. */
async function logReads(redis: Redis): Promise<number> {
  const info = await redis.info("commandstats");
  const calls = info.matchAll(/^cmdstat_(?:xrange|xrevrange|xread):calls=(\d+)/gm);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}
