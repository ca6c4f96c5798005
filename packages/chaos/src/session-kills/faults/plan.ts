import { Random } from "@syszap/testing/oracle";

/** `child`: the engine's Node process. `freeze`: the renderer is suspended for a while. */
export type FaultKind = "child" | "connector" | "chromium" | "renderer" | "freeze";
export interface Fault {
  kind: FaultKind;
  /** Index of the session. A connector fault hits the connector that owns this session. */
  session: number;
  /** Delay until a killed connector restarts or a frozen renderer continues. */
  afterMs: number;
}

/** One or several faults at the same moment. */
export interface PlannedFault {
  /** Delay before the faults are injected. */
  afterMs: number;
  faults: Fault[];
}

const weights: Record<FaultKind, number> = { connector: 30, child: 22, chromium: 22, renderer: 18, freeze: 8 };
const probabilityOfTwo = 0.15;
/** For connectors: from a restart that the other connector does not notice to far beyond the lease. */
const awayMs: Record<FaultKind, [number, number]> = {
  child: [0, 0],
  chromium: [0, 0],
  renderer: [0, 0],
  connector: [200, 15_000],
  freeze: [1_000, 25_000],
};

/** Plans `kills` kills and some freezes in addition. The same seed gives the same plan. */
export function planFaults(seed: number, kills: number, sessions: number): PlannedFault[] {
  const random = new Random(seed);
  const plan: PlannedFault[] = [];
  for (let planned = 0; planned < kills; ) {
    const faults = [faultOf(random, sessions)];
    const isLast = planned + 1 >= kills;
    if (!isLast && random.next() < probabilityOfTwo) {
      const other = faultOf(random, sessions);
      if (other.kind !== faults[0]?.kind) faults.push(other);
    }
    plan.push({ afterMs: random.between(0, 1_200), faults });
    planned += faults.filter(({ kind }) => kind !== "freeze").length;
  }
  return plan;
}

function faultOf(random: Random, sessions: number): Fault {
  const kind = random.weighted(weights);
  return { kind, session: random.between(0, sessions - 1), afterMs: random.between(...awayMs[kind]) };
}
