import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const [userField, systemField] = [11, 12];
const [childUserField, childSystemField] = [13, 14];

/** CPU seconds of a process since its start, for all threads, user and kernel mode. Linux only. */
export const cpuSeconds = (pid: number): number => sumOf(statOf(pid), userField, systemField);

/** CPU seconds of processes and of their children that have ended. Processes that have ended themselves count as 0. */
export function treeCpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + sumOf(statOf(pid), userField, systemField, childUserField, childSystemField);
    } catch {
      return sum; // its parent counts it from now on
    }
  }, 0);
}

function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may contain spaces, so fields are counted after it.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

const sumOf = (stat: readonly string[], ...fields: number[]) =>
  fields.reduce((sum, field) => sum + Number(stat[field]), 0) / ticksPerSecond;

/** Number of write calls (write, writev) of a process since its start, to files and sockets. Linux only. */
export function writeCalls(pid: number): number {
  return Number(/^syscw: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** Resident memory of a process in kilobytes. Linux only. */
export function residentKb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kb === undefined) throw new Error(`Process ${pid} has ended.`);
  return Number(kb);
}
