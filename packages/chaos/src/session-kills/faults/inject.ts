import { setTimeout as delay } from "node:timers/promises";
import type { Connectors } from "../environment/connectors.ts";
import type { Fault, FaultKind } from "./plan.ts";
import { engineOn, type RunningProcess, signal } from "./processes.ts";

/** A fault that was injected, the affected sessions and the time. */
export interface InjectedFault {
  kind: FaultKind;
  sessions: number[];
  atMs: number;
}
/** The processes that faults can hit. */
export interface Targets {
  /** Profile directories of the sessions. */
  profiles: readonly string[];
  connectors: Connectors;
  /** For each session: the name of the connector that owns it now, or undefined. */
  owners(): Promise<(string | undefined)[]>;
}

interface PreparedFault {
  fault: Fault;
  sessions: number[];
  /** Resolves with false if the target has ended. */
  inject(): Promise<boolean>;
}

/**
 * Injects all faults at the same moment. All targets are looked up first, so that the first fault cannot change the target of the
 * second. Resolves with undefined and injects nothing if a target is missing.
 */
export async function injectAll(faults: readonly Fault[], targets: Targets): Promise<InjectedFault[] | undefined> {
  const owners = await targets.owners();
  const prepared = await Promise.all(faults.map((fault) => prepare(fault, targets, owners)));
  if (prepared.some((one) => one === undefined)) return undefined;
  const atMs = Date.now();
  const known = prepared.filter((one) => one !== undefined);
  const hits = await Promise.all(known.map(({ inject }) => inject()));
  return known.filter((_, index) => hits[index]).map(({ fault, sessions }) => ({ kind: fault.kind, sessions, atMs }));
}

async function prepare(
  fault: Fault,
  { profiles, connectors }: Targets,
  owners: readonly (string | undefined)[],
): Promise<PreparedFault | undefined> {
  if (fault.kind === "connector") {
    const owner = owners[fault.session];
    if (owner === undefined || !connectors.alive.includes(owner)) return undefined;
    const sessions = owners.flatMap((name, session) => (name === owner ? [session] : []));
    return { fault, sessions, inject: async () => connectors.kill(owner, fault.afterMs) };
  }
  const { child, chromium, renderers } = await engineOn(profiles[fault.session] ?? "none");
  const one = (process: RunningProcess | undefined) => (process ? [process] : []);
  const victims = { child: one(child), chromium: one(chromium), renderer: renderers, freeze: renderers }[fault.kind];
  if (victims.length === 0) return undefined;
  const hit = fault.kind === "freeze" ? freeze(fault.afterMs) : kill;
  const inject = async () => (await Promise.all(victims.map(hit))).includes(true);
  return { fault, sessions: [fault.session], inject };
}

const kill = (victim: RunningProcess): Promise<boolean> => signal(victim, "SIGKILL");

/** Suspends the process and continues it after `forMs`. */
const freeze =
  (forMs: number) =>
  async (victim: RunningProcess): Promise<boolean> => {
    const isHit = await signal(victim, "SIGSTOP");
    if (isHit) void delay(forMs).then(() => signal(victim, "SIGCONT"));
    return isHit;
  };
