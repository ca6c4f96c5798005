import { connections } from "./connections/connections.ts";
import { consumers } from "./consumers/consumers.ts";
import { fanout } from "./fanout/fanout.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { idleSessions } from "./idle-sessions/idle-sessions.ts";
import { ids } from "./ids/ids.ts";
import { latency } from "./latency/latency.ts";
import { logMemory } from "./log-memory/log-memory.ts";
import { media } from "./media/media.ts";
import { neighbour } from "./neighbour/neighbour.ts";
import { page } from "./page/page.ts";
import { pipeline } from "./pipeline/pipeline.ts";
import { readsAlone } from "./pipeline/reads/reads.ts";
import { polling } from "./polling/polling.ts";
import { publish } from "./publish/publish.ts";
import { sessions } from "./sessions/sessions.ts";
import { storm } from "./storm/storm.ts";
import { sync } from "./sync/sync.ts";

/** All benchmarks, in the order in which a run without a name executes them. */
export const benchmarks: readonly Benchmark[] = [
  fanout,
  latency,
  connections,
  storm,
  neighbour,
  publish,
  logMemory,
  pipeline,
  sync,
  polling,
  readsAlone,
  ids,
  consumers,
  sessions,
  idleSessions,
  media,
  page,
];
