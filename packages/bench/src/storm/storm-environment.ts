import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { MeasuredGateway, StartGateway } from "../gateways/measured-gateway.ts";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import { eventSaying } from "../load/event.ts";
import { PacedLoad } from "../load/paced.ts";
import { type ClientPosition, markOf } from "./commands.ts";
import { ReturningClients } from "./returning-clients.ts";

/** For each company. */
const publishedPerSecond = 2;
/** About half of the clients are still disconnected at this time. */
const markerAfterMs = 300;
const caughtUpWithinMs = 60_000;

export interface StormSize {
  companies: number;
  membersPerCompany: number;
}
export interface Round {
  caughtUpMs: number;
  logReads: number;
  attempts: number;
}

/** Gateways, connected clients, and a load that runs all the time. */
export interface StormEnvironment {
  clients: ReturningClients;
  redis: Redis;
  load: PacedLoad;
  /** Number of published events per company. */
  published: number[];
  publishMarkers: () => Promise<unknown>;
  /** Directs all further connections to the other gateway. */
  useOtherGateway: () => void;
}

export async function openStormEnvironment(
  { start, count, size }: { start: StartGateway; count: number; size: StormSize },
  onEnd: BenchmarkContext["onEnd"],
): Promise<StormEnvironment> {
  const { companies, membersPerCompany } = size;
  const server = await startRedis();
  onEnd(() => server.stop());
  const redis = new Redis(server.url);
  onEnd(async () => redis.disconnect());
  const gateways: MeasuredGateway[] = [];
  for (let left = count; left > 0; left--) {
    const gateway = await start(server.url);
    if (!gateway) throw new Error("A gateway did not start.");
    onEnd(() => gateway.close());
    gateways.push(gateway);
  }
  const endpoints = createEndpoints(gateways, size);
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
    perSecond: publishedPerSecond * companies,
  });
  onEnd(async () => load.stop());
  const publishMarkers = () => Promise.all(Array.from({ length: companies }, (_, company) => publish(company, true)));
  return { clients, redis, load, published, publishMarkers, useOtherGateway: endpoints.useOtherGateway };
}

/** Endpoints of the gateways, one of which is in use. Clients of a company share one IP address, like an office. */
function createEndpoints(gateways: readonly MeasuredGateway[], { companies, membersPerCompany }: StormSize) {
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

/** Cuts all clients and waits until they have caught up. */
export async function runRound({ clients, redis, publishMarkers }: StormEnvironment): Promise<Round> {
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
