import type { EngineFact } from "../../engines/contract/engine.ts";
import { jobIdOfFact, type Receipt } from "../jobs.ts";
import type { Place, Segment } from "./segment.ts";

/** A fact with all that a worker must know of its receipt, also when another process hands it over. */
export interface SpooledFact extends Receipt {
  fact: EngineFact;
  /** Of our clock. */
  acceptedAtMs: number;
}

/** A fact of ours on its way. */
export class SpoolEntry {
  readonly sessionId: string;
  readonly jobId: string;
  /** WhatsApp's time of it; undefined for history, which nobody misses. */
  readonly missedSinceMs: number | undefined;
  readonly acceptedAtMs: number;
  /** Undefined once it is on disk alone. */
  told: SpooledFact | undefined;
  /** Once it is on disk. */
  home: { segment: Segment; place: Place } | undefined;

  constructor(told: SpooledFact) {
    this.told = told;
    this.acceptedAtMs = told.acceptedAtMs;
    this.sessionId = told.sessionId;
    this.jobId = jobIdOfFact(told);
    this.missedSinceMs = missedSince(told.fact);
  }
}

const missedSince = (fact: EngineFact) => (fact.kind === "message" && fact.isHistory ? undefined : fact.timestampMs);
