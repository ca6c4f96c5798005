import { treeCpuSeconds } from "../harness/process-costs.ts";
import { dataMb, processesOf } from "../whatsapp/memory.ts";

/** First process of each server. */
export type ServerPids = Readonly<
  Record<"restApi" | "gateway" | "worker" | "connector" | "redis" | "postgres", number>
>;
export type CpuSeconds = Record<keyof ServerPids, number>;

/** CPU seconds of each server since its start, with its child processes. */
export function cpuOf(pids: ServerPids): CpuSeconds {
  const entries = Object.entries(pids).map(([name, pid]) => [name, treeCpuSeconds(processesOf(pid))]);
  return Object.fromEntries(entries) as CpuSeconds;
}

/** Memory of all servers together in MB. Memory that processes share is counted once. */
export const memoryMbOf = (pids: ServerPids): number => dataMb(Object.values(pids).flatMap(processesOf));
