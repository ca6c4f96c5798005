/** Result of one or several seeds. */
export interface Outcome {
  /** One sentence per violation: lost, duplicate or out of order messages, and leftovers. Empty on success. */
  violations: string[];
  /** Counters such as kills, deliveries and resyncs, summed over all seeds. */
  counts: Record<string, number>;
}

export interface ScenarioContext {
  /** Prints a line of progress. */
  log(line: string): void;
  /** Size of the scenario, such as its number of kills or clients. Undefined: the default of the scenario. */
  size: number | undefined;
}

/** A started scenario. Its processes are shared by all seeds. */
export interface ScenarioRun {
  /**
   * Runs one seed within a bounded time. The seed determines the plan of faults, but not the timing of the processes.
   */
  runSeed(seed: number): Promise<Outcome>;
  /** Stops all processes and resolves with violations about leftovers. */
  close(): Promise<string[]>;
}

/** A fault that is injected into real processes under load, and the guarantee that must hold. */
export interface Scenario {
  readonly name: string;
  /** One or two sentences: the fault and the guarantee. */
  readonly about: string;
  open(context: ScenarioContext): Promise<ScenarioRun>;
}
