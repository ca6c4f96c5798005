/**
 * Figures by name. The name ends with the unit and is the same in docs/benchmarks.md: `p50_ms`, `kb_per_connection`,
 * `ratio_socketio`.
 */
export type Figures = Record<string, number>;

export interface BenchmarkResult {
  figures: Figures;
  /** Figures of the peers, measured in the same run. */
  peers?: Record<string, Figures>;
}

/** Smaller numbers check quickly that a benchmark works; its figures are then not comparable. */
export interface BenchmarkOptions {
  sessions?: number;
  clients?: number;
  companies?: number;
  messages?: number;
  /** Duration of one measurement. */
  seconds?: number;
  rounds?: number;
}
export const optionNames = ["sessions", "clients", "companies", "messages", "seconds", "rounds"] as const;

export interface BenchmarkContext {
  /** Prints a line of progress to standard error. */
  log(line: string): void;
  /** Registers a cleanup. Cleanups run in reverse order, even after a failure. */
  onEnd(close: () => Promise<unknown>): void;
  /** Values of the options. A benchmark that does not know an option ignores it; without it, it takes its own default. */
  readonly options: BenchmarkOptions;
}

/** Measures speed or size of real processes. */
export interface Benchmark {
  readonly name: string;
  /** One sentence: the measured quantity and the two points between which it is measured. */
  readonly about: string;
  /** Goal of each figure, as text: `≤ 5,000`. */
  readonly goals?: Record<string, string>;
  /** Runs the benchmark. It must end within minutes. */
  run(context: BenchmarkContext): Promise<BenchmarkResult>;
}

/** Lower median, so that the result is a measured value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Percentile by nearest rank: the smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
