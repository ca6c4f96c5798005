import { randomUUID } from "node:crypto";
import { ClientPool } from "../client-pool/client-pool.ts";
import type { MeasuredGateway, PoolMember, StartGateway } from "../gateways/measured-gateway.ts";
import type { BenchmarkOptions } from "../harness/benchmark.ts";

/** A gateway and its connected clients. */
export interface LoadEnvironment {
  name: string;
  gateway: MeasuredGateway;
  pool: ClientPool;
  companyIds: string[];
  clientsPerCompany: number;
}

const [defaultClients, clientsOfCompany] = [1_000, 20];

/** Number of clients and companies: 1,000 in 50, or as many as `--clients` says, rounded to whole companies. */
export function sizeFor({ clients = defaultClients }: BenchmarkOptions): { clients: number; companies: number } {
  const companies = Math.ceil(clients / clientsOfCompany);
  return { companies, clients: companies * clientsOfCompany };
}

/**
 * Starts a gateway and connects its clients; undefined if the gateway cannot run here. The group of a client is the
 * index of its company.
 */
export async function openLoadEnvironment(
  [name, start]: readonly [string, StartGateway],
  options: { redisUrl: string; companies: number; clients: number },
  onEnd: (close: () => Promise<unknown>) => void,
): Promise<LoadEnvironment | undefined> {
  const gateway = await start(options.redisUrl);
  if (!gateway) return undefined;
  onEnd(() => gateway.close());
  const pool = new ClientPool();
  onEnd(() => pool.close());
  const companyIds = Array.from({ length: options.companies }, () => randomUUID());
  const clientsPerCompany = options.clients / options.companies;
  const environment: LoadEnvironment = { name, gateway, pool, companyIds, clientsPerCompany };
  await connectClients(environment, clientsPerCompany);
  return environment;
}

/** Not more than the pool connects at the same time: a ticket expires after 30 s, so each is requested right before its use. */
const membersAtOnce = 50;

/** Connects more clients. */
export async function connectClients(
  { gateway, pool, companyIds }: LoadEnvironment,
  morePerCompany: number,
): Promise<void> {
  const members: PoolMember[] = companyIds.flatMap((companyId, group) =>
    Array.from({ length: morePerCompany }, () => ({ companyId, userId: randomUUID(), group })),
  );
  const { wireProtocol, greetings } = gateway;
  for (let from = 0; from < members.length; from += membersAtOnce) {
    const part = members.slice(from, from + membersAtOnce);
    const endpoints = await Promise.all(part.map((member) => gateway.endpointFor(member)));
    await pool.connect(endpoints, { wireProtocol, greetings });
  }
}

/** Prints and returns how often the gateway reported to clients that events may be missing. Both numbers are 0 in a valid run. */
export async function reportGaps(
  environments: readonly LoadEnvironment[],
  log: (line: string) => void,
): Promise<{ resyncs: number; not_recovered: number }> {
  const counts = await Promise.all(environments.map(({ pool }) => pool.count()));
  const gaps = { resyncs: 0, not_recovered: 0 };
  for (const { resyncs, notRecovered } of counts) {
    gaps.resyncs += resyncs;
    gaps.not_recovered += notRecovered;
  }
  log(`Clients received ${gaps.resyncs} resync frames and ${gaps.not_recovered} welcomes with recovered: false.`);
  return gaps;
}
