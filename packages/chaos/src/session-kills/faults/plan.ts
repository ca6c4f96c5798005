import { Random } from "@syszap/testing/oracle";

/** `child`: the engine's own Node process. `freeze`: the renderer stands still for a while, then goes on. */
export type FaultKind = "child" | "connector" | "chromium" | "renderer" | "freeze";
export interface Fault {
  kind: FaultKind;
  /** Whose; of a connector: the one that owns this session at that moment. */
  session: number;
  /** A killed connector is started again after so long, a frozen renderer goes on. */
  afterMs: number;
}
/** What happens at one moment. */
export interface Blow {
  /** After all sessions that it hits are connected. */
  afterMs: number;
  faults: Fault[];
}

const weights: Record<FaultKind, number> = { connector: 30, child: 22, chromium: 22, renderer: 18, freeze: 8 };
const twoAtOnce = 0.15;
/** From "the other connector never noticed" to far beyond the lease that the connectors are given. */
const awayMs: Record<FaultKind, [number, number]> = {
  child: [0, 0],
  chromium: [0, 0],
  renderer: [0, 0],
  connector: [200, 15_000],
  freeze: [1_000, 25_000],
};

/** The same for the same seed. Freezes come on top: so many processes are killed. */
export function planBlows(seed: number, kills: number, sessions: number): Blow[] {
  const random = new Random(seed);
  const blows: Blow[] = [];
  for (let planned = 0; planned < kills; ) {
    const faults = [faultOf(random, sessions)];
    const isLast = planned + 1 >= kills;
    if (!isLast && random.next() < twoAtOnce) {
      const other = faultOf(random, sessions);
      if (other.kind !== faults[0]?.kind) faults.push(other);
    }
    blows.push({ afterMs: random.between(0, 1_200), faults });
    planned += faults.filter(({ kind }) => kind !== "freeze").length;
  }
  return blows;
}

function faultOf(random: Random, sessions: number): Fault {
  const kind = random.weighted(weights);
  return { kind, session: random.between(0, sessions - 1), afterMs: random.between(...awayMs[kind]) };
}
