import type { Benchmark } from "./benchmark.ts";
import { fanout } from "./fanout/fanout.ts";

/** Every benchmark, in the order in which a run without a name takes them. */
export const benchmarks: readonly Benchmark[] = [fanout];
