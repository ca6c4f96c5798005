import { Worker } from "node:worker_threads";
import { createLogger } from "@syszap/platform";
import { createEngine } from "../registry/registry.ts";
import { SimulatedPhones } from "../simulator/simulated-phones.ts";
import { Deadline } from "./deadline.ts";
import { EngineHost, reportingListener } from "./engine-host.ts";
import type { GuardData } from "./guard.ts";
import { ProcessTree, runVariable } from "./process-tree.ts";
import { aliveEveryMs, type BeginOrder, type HostOrder, type HostReport } from "./protocol.ts";

/** Facts that the connector has not read yet; beyond, it is no owner to wait for: what it misses is fetched again. */
const mostUnread = 20_000;

/** Runs one engine for the connector that forked this process; `self` is loaded once more for the guard's thread. */
export function runHost(self: URL): void {
  const run = process.env[runVariable] ?? "none";
  const tree = new ProcessTree(process.pid, run);
  const deadline = new Deadline();
  let host: EngineHost | undefined;

  process.on("disconnect", () => tree.kill());
  process.on("message", (order: HostOrder) => {
    if (order.kind === "begin") host = begin(order, deadline, reporter(tree));
    else if (order.kind === "deadline") deadline.set(order.deadlineMs);
    else void host?.carryOut(order);
  });
  deadline.set(Number.POSITIVE_INFINITY); // until the first order brings one
  const guard: GuardData = { deadline: deadline.memory, parent: process.ppid, run };
  guardThread(self, guard).on("error", (err) => {
    process.stderr.write(`the guard's thread ended: ${err.stack}\n`);
    tree.kill();
  });
  // A connector that died while this process was loading has said so before anybody listened, and is no parent to compare.
  if (!process.connected) tree.kill();
}

/** tsx prepares the main thread only: from source, the thread has to load it itself. */
function guardThread(self: URL, workerData: GuardData): Worker {
  if (!self.pathname.endsWith(".ts")) return new Worker(self, { workerData });
  const load = `import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(self.href)})))`;
  return new Worker(load, { workerData, eval: true });
}

function begin(order: BeginOrder, deadline: Deadline, report: (report: HostReport) => void): EngineHost {
  deadline.set(order.deadlineMs);
  setInterval(() => report({ kind: "alive" }), aliveEveryMs);
  const { companyId, sessionId, generation, profileDirectory } = order;
  const phones = new SimulatedPhones();
  const { name, options } = order.engine;
  const engine = createEngine(
    name,
    options,
    phones,
  )({
    companyId,
    sessionId,
    profileDirectory,
    log: createLogger({ service: "whatsapp-connector", level: order.logLevel }).child({ sessionId, generation }),
    listener: reportingListener(report),
  });
  return new EngineHost({ engine, deadline, report, phone: () => phones.find(sessionId) });
}

function reporter(tree: ProcessTree): (report: HostReport) => void {
  let unread = 0;
  return (report) => {
    unread += 1;
    if (unread > mostUnread) tree.kill();
    process.send?.(report, undefined, undefined, () => {
      unread -= 1; // also with an error: the connector is gone, `disconnect` follows
    });
  };
}
