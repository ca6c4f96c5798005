import { workerData } from "node:worker_threads";
import { Deadline } from "./deadline.ts";
import { ProcessTree } from "./process-tree.ts";

export interface GuardData {
  deadline: SharedArrayBuffer;
  parent: number;
  run: string;
}
const lookEveryMs = 250;

/** In a thread of its own, so that nothing that hangs in the engine can keep a host alive without its lease or its connector. */
export function runGuard(): void {
  const { deadline: memory, parent, run } = workerData as GuardData;
  const deadline = new Deadline(memory);
  const tree = new ProcessTree(process.pid, run);
  setInterval(() => {
    if (deadline.isPast || process.ppid !== parent) tree.kill();
  }, lookEveryMs);
}
