import { treeCpuSeconds } from "../harness/process-costs.ts";
import { dataMb, processesOf } from "../whatsapp/memory.ts";

/** First process of each server. */
export type ServerPids = Readonly<
  Record<"restApi" | "gateway" | "worker" | "connector" | "redis" | "postgres", number>
>;
/** One value per server. */
export type PerServer = Record<keyof ServerPids, number>;

/** CPU seconds of each server since its start, with its child processes. */
export const cpuOf = (pids: ServerPids): PerServer =>
  perServer((name) => treeCpuSeconds(processesOf(pids[name])), pids);

/** Memory of each server in MB, with its child processes. */
export const memoryMbOf = (pids: ServerPids): PerServer => perServer((name) => dataMb(processesOf(pids[name])), pids);

export const difference = (after: PerServer, before: PerServer): PerServer =>
  perServer((name) => after[name] - before[name], after);

export const sumOf = (values: PerServer): number => Object.values(values).reduce((sum, value) => sum + value, 0);

const perServer = (value: (name: keyof ServerPids) => number, of: object): PerServer =>
  Object.fromEntries(Object.keys(of).map((name) => [name, value(name as keyof ServerPids)])) as PerServer;
