/** What one seed came to. */
export interface Outcome {
  /** Sentences that name what was lost, doubled, out of order or left behind; none when all went well. */
  violations: string[];
  /** What was counted: kills, deliveries, resyncs. Added up over all seeds. */
  counts: Record<string, number>;
}

export interface ScenarioContext {
  /** A line of progress for the person who waits. */
  say(line: string): void;
  /** How hard to try, where the scenario has such a number (kills, clients); undefined: its own default. */
  size: number | undefined;
}

/** The processes of a scenario, shared by its seeds. */
export interface Stage {
  /** The same seed makes the same plan of faults; what the machine does between them may differ. Bounded in time. */
  play(seed: number): Promise<Outcome>;
  /** Ends every process; resolves with sentences about what was left behind. */
  close(): Promise<string[]>;
}

/** Something that goes wrong while everything real runs, and what must hold nevertheless. */
export interface Scenario {
  readonly name: string;
  /** One sentence: what breaks, and what must hold. */
  readonly about: string;
  open(context: ScenarioContext): Promise<Stage>;
}
