import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const kibibytesPerMegabyte = 1e6 / 1024;
const read = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // the process ended
  }
};
const pids = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
const field = (text: string, name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);

/** Proportional set size in MB: pages that several processes share are counted once in total. */
export const pssMb = (processes: readonly number[]): number =>
  processes.reduce((sum, pid) => sum + field(read(`/proc/${pid}/smaps_rollup`), "Pss"), 0) / kibibytesPerMegabyte;

/**
 * Memory of processes in MB without files such as their programs, whose share depends on other processes of the machine. Memory
 * that the processes share is counted once.
 */
export const dataMb = (processes: readonly number[]): number =>
  processes.reduce((sum, pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    return sum + field(rollup, "Pss_Anon") + field(rollup, "Pss_Shmem");
  }, 0) / kibibytesPerMegabyte;

/** Pids of the engine hosts that the connector forked. */
export function hostsOf(connector: number): number[] {
  return pids().filter((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(parent) === connector && state !== "Z" && read(`/proc/${pid}/cmdline`).includes("engines/host/main");
  });
}

/**
 * Pids of a host and all its descendants, found by parents and process groups, because browser processes overwrite
 * their environment.
 */
export function processesOf(host: number): number[] {
  const rows = pids().map((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const [, parent, group] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    return { pid, parent, group };
  });
  const found = new Set([host]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    const groups = new Set(rows.filter(({ pid }) => found.has(pid)).map(({ group }) => group));
    for (const { pid, parent, group } of rows) if (found.has(parent ?? 0) || groups.has(group)) found.add(pid);
  }
  return [...found];
}

/**
 * Peak growth of resident memory over its current value since `restart`, in MB. The kernel tracks the peak, so none is
 * missed.
 */
export function watchGrowthMb(pid: number): { restart(): void; read(): number } {
  const idle = field(read(`/proc/${pid}/status`), "VmRSS");
  return {
    restart: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"), // VmHWM starts again at what is resident then
    read: () => (field(read(`/proc/${pid}/status`), "VmHWM") - idle) / kibibytesPerMegabyte,
  };
}
