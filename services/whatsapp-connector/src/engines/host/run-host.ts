import { Worker } from "node:worker_threads";
import { createLogger } from "@syszap/platform";
import { EngineControls } from "../contract/controls.ts";
import { engineDefinitions } from "../registry/registry.ts";
import { Deadline } from "./deadline.ts";
import { EngineHost, reportingListener } from "./engine-host.ts";
import type { GuardData } from "./guard.ts";
import { ProcessTree, runVariable } from "./process-tree.ts";
import { type BeginCommand, type HostCommand, type HostReport, heartbeatMs } from "./protocol.ts";

/** Reports that the connector has not read yet. Above this limit the host ends; the missed facts are fetched again. */
const maxUnreadReports = 20_000;

/** Runs one engine for the connector that forked this process. `self` is the module that the guard thread loads. */
export function runHost(self: URL): void {
  const run = process.env[runVariable] ?? "none";
  const tree = new ProcessTree(process.pid, run);
  const deadline = new Deadline();
  let host: EngineHost | undefined;

  process.on("disconnect", () => tree.kill());
  process.on("message", (command: HostCommand) => {
    if (command.kind === "begin") host = begin(command, deadline, createReporter(tree));
    else if (command.kind === "deadline") deadline.set(command.deadlineMs);
    else void host?.carryOut(command);
  });
  deadline.set(Number.POSITIVE_INFINITY); // until the first command sets it
  const guard: GuardData = { deadline: deadline.memory, parent: process.ppid, run };
  startGuard(self, guard).on("error", (err) => {
    process.stderr.write(`the guard thread ended: ${err.stack}\n`);
    tree.kill();
  });
  // If the connector died while this process was loading, `disconnect` came before the listener and the parent is another.
  if (!process.connected) tree.kill();
}

/** Run from source, the thread must register tsx itself: it is registered in the main thread only. */
function startGuard(self: URL, workerData: GuardData): Worker {
  if (!self.pathname.endsWith(".ts")) return new Worker(self, { workerData });
  const load = `import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(self.href)})))`;
  return new Worker(load, { workerData, eval: true });
}

function begin(command: BeginCommand, deadline: Deadline, report: (report: HostReport) => void): EngineHost {
  deadline.set(command.deadlineMs);
  setInterval(() => report({ kind: "alive" }), heartbeatMs);
  const { companyId, sessionId, generation, profileDirectory, proxy, groups } = command;
  const { name, options } = command.engine;
  const controls = new EngineControls();
  const create = engineDefinitions[name].create(options);
  const engine = create({
    companyId,
    sessionId,
    profileDirectory,
    proxy,
    groups,
    controls,
    log: createLogger({ service: "whatsapp-connector", level: command.logLevel }).child({ sessionId, generation }),
    listener: reportingListener(report),
  });
  return new EngineHost({ engine, deadline, report, control: () => controls.find(sessionId) });
}

function createReporter(tree: ProcessTree): (report: HostReport) => void {
  let unread = 0;
  return (report) => {
    unread += 1;
    if (unread > maxUnreadReports) tree.kill();
    process.send?.(report, undefined, undefined, () => {
      unread -= 1; // also after an error: then the connector is gone, and `disconnect` follows
    });
  };
}
