import { workerData } from "node:worker_threads";
import { Deadline } from "./deadline.ts";
import { ProcessTree } from "./process-tree.ts";

export interface GuardData {
  deadline: SharedArrayBuffer;
  parent: number;
  run: string;
}

const checkEveryMs = 250;

/**
 * Kills the host and everything it started once its lease has ended or its connector is gone. Runs in a separate thread, so
 * that an engine that blocks the main thread can't prevent it.
 */
export function runGuard(): void {
  const { deadline: memory, parent, run } = workerData as GuardData;
  const deadline = new Deadline(memory);
  const tree = new ProcessTree(process.pid, run);
  setInterval(() => {
    if (deadline.isPast || process.ppid !== parent) tree.kill();
  }, checkEveryMs);
}
