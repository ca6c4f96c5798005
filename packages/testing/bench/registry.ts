import type { Benchmark } from "./benchmark.ts";
import { media } from "./media/media.ts";
import { sessions } from "./sessions/sessions.ts";

/** Every benchmark, in the order in which a run without a name takes them. */
export const benchmarks: readonly Benchmark[] = [sessions, media];
