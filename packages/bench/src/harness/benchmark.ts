/** Names and units are those of the tables in docs/benchmarks.md: `p50_ms`, `kb_per_connection`, `ratio_socketio`. */
export type Figures = Record<string, number>;

export interface BenchmarkResult {
  figures: Figures;
  /** What others reached in the same run, on the same machine. */
  peers?: Record<string, Figures>;
}

export interface BenchmarkContext {
  /** A line of progress for the person who waits; never part of the result. */
  log(line: string): void;
  /** Ends what was opened, newest first, however the run ends. */
  onEnd(close: () => Promise<unknown>): void;
  /** From `--sessions`, for benchmarks whose number of sessions can be chosen. */
  readonly sessions?: number;
}

/** A query about speed or size that is answered by running the real processes. */
export interface Benchmark {
  readonly name: string;
  /** One sentence: what is measured, between which two points. */
  readonly about: string;
  /** What each figure must reach, as a person reads it: `≤ 5,000`. */
  readonly goals?: Record<string, string>;
  /** Bounded in time: the whole run ends within minutes. */
  run(context: BenchmarkContext): Promise<BenchmarkResult>;
}

/** Of an odd number of runs the middle one; of an even number the lower middle, so that it is a value that was measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Nearest rank: the smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
