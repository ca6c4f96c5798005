import type { Engine, EngineListener } from "../contract/engine.ts";
import type { EngineSpec } from "../registry/registry.ts";
import type { PhoneControl } from "../simulator/simulated-phones.ts";
import type { Refusal } from "./refusal.ts";

/** What may be asked of a hosted engine. */
export type EngineMethod = Exclude<keyof Engine, "memoryBytes" | "mayCopyProfile">;
export type PhoneMethod = keyof PhoneControl;

export interface BeginOrder {
  kind: "begin";
  /** All that the host builds it from: it reads no configuration of its own. */
  engine: EngineSpec;
  companyId: string;
  sessionId: string;
  generation: number | undefined;
  profileDirectory: string;
  logLevel: string;
  deadlineMs: number;
}
/** From the connector to the host. Times are `monotonicMs`. */
export type HostOrder =
  | BeginOrder
  | { kind: "call"; id: number; method: EngineMethod; args: unknown[] }
  | { kind: "phone"; id: number; method: PhoneMethod; args: unknown[] }
  | { kind: "pull"; id: number; file: number }
  | { kind: "piece"; pull: number; piece: Uint8Array | null; refusal?: Refusal }
  | { kind: "drop"; file: number }
  | { kind: "deadline"; deadlineMs: number };

type Said = { [Kind in keyof EngineListener]: { kind: "said"; what: Kind; args: Parameters<EngineListener[Kind]> } };
/** From the host to the connector. */
export type HostReport =
  | { kind: "alive" }
  | Said[keyof EngineListener]
  /** Of a file that is sent: the host wants its next piece, or no more of it. */
  | { kind: "pull"; pull: number; file: number }
  | { kind: "drop"; file: number }
  | { kind: "answer"; id: number; result: unknown }
  | { kind: "refusal"; id: number; refusal: Refusal };

/** The one clock that all processes of a machine share: it neither jumps nor depends on when a process began. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Of one answer: a profile picture, or a piece of a file. What is larger is refused where it was made. */
export const mostBytesPassed = 8 * 1024 * 1024;
export const aliveEveryMs = 1_000;
