import { setTimeout as delay } from "node:timers/promises";
import type { Connectors } from "../connectors.ts";
import type { Fault, FaultKind } from "./plan.ts";
import { engineOn, type RunningProcess, signal } from "./processes.ts";

/** What was done, to which sessions, and when. */
export interface Strike {
  kind: FaultKind;
  sessions: number[];
  atMs: number;
}
/** All that there is to hit. */
export interface Targets {
  /** Profile directories of the sessions. */
  profiles: readonly string[];
  connectors: Connectors;
  /** By session: the name of the connector that owns it now; undefined while none does. */
  owners(): Promise<(string | undefined)[]>;
}

type Blade = () => Promise<boolean>;
interface Aimed {
  fault: Fault;
  sessions: number[];
  strike: Blade;
}

/** At one moment: everything is looked up first, so that the first victim can't warn the second. Undefined when one is not there. */
export async function strikeAll(faults: readonly Fault[], targets: Targets): Promise<Strike[] | undefined> {
  const owners = await targets.owners();
  const aimed = await Promise.all(faults.map((fault) => aim(fault, targets, owners)));
  if (aimed.some((one) => one === undefined)) return undefined;
  const atMs = Date.now();
  const known = aimed.filter((one) => one !== undefined);
  const hits = await Promise.all(known.map(({ strike }) => strike()));
  return known.filter((_, index) => hits[index]).map(({ fault, sessions }) => ({ kind: fault.kind, sessions, atMs }));
}

async function aim(
  fault: Fault,
  { profiles, connectors }: Targets,
  owners: readonly (string | undefined)[],
): Promise<Aimed | undefined> {
  if (fault.kind === "connector") {
    const owner = owners[fault.session];
    if (owner === undefined || !connectors.alive.includes(owner)) return undefined;
    const sessions = owners.flatMap((name, session) => (name === owner ? [session] : []));
    return { fault, sessions, strike: async () => connectors.kill(owner, fault.afterMs) };
  }
  const { child, chromium, renderers } = await engineOn(profiles[fault.session] ?? "none");
  const one = (process: RunningProcess | undefined) => (process ? [process] : []);
  const victims = { child: one(child), chromium: one(chromium), renderer: renderers, freeze: renderers }[fault.kind];
  if (victims.length === 0) return undefined;
  const hit = fault.kind === "freeze" ? freeze(fault.afterMs) : kill;
  const strike: Blade = async () => (await Promise.all(victims.map(hit))).includes(true);
  return { fault, sessions: [fault.session], strike };
}

const kill = (victim: RunningProcess): Promise<boolean> => signal(victim, "SIGKILL");

/** Goes on by itself, if it is still there. */
const freeze =
  (forMs: number) =>
  async (victim: RunningProcess): Promise<boolean> => {
    const isHit = await signal(victim, "SIGSTOP");
    if (isHit) void delay(forMs).then(() => signal(victim, "SIGCONT"));
    return isHit;
  };
