import type { EngineFact } from "../../engines/contract/engine.ts";
import type { Receipt } from "../jobs.ts";
import type { RecordPosition, Segment } from "./segment.ts";

/** A fact with everything a worker must know about its receipt. Stored as JSON, so that another process can forward it. */
export interface SpooledFact extends Receipt {
  fact: EngineFact;
  /** Read from a gap: it waits for live facts, and its gap stays open until it is stored. */
  isRecovered?: boolean;
}

/** A fact in the spool. */
export class SpoolEntry {
  readonly sessionId: string;
  /** WhatsApp's time of the fact. Undefined for history, which is never fetched again, and for facts whose gap is open. */
  readonly missedSinceMs: number | undefined;
  readonly acceptedAtMs: number;
  /** Undefined when the fact is on disk only. */
  inMemory: SpooledFact | undefined;
  /** Undefined until the fact is on disk. */
  stored: { segment: Segment; position: RecordPosition } | undefined;

  constructor(
    fact: SpooledFact,
    readonly jobId: string,
  ) {
    this.inMemory = fact;
    this.acceptedAtMs = fact.acceptedAtMs;
    this.sessionId = fact.sessionId;
    this.missedSinceMs = missedSince(fact);
  }
}

const missedSince = ({ fact, isRecovered }: SpooledFact) =>
  isRecovered || (fact.kind === "message" && fact.isHistory) ? undefined : fact.timestampMs;
