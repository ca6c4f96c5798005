import type { Benchmark, Figures } from "../harness/benchmark.ts";
import { arrival } from "./arrival.ts";
import { openPipelineEnvironment, type Part } from "./environment/pipeline-environment.ts";
import { reads } from "./reads/reads.ts";
import { throughput } from "./throughput.ts";

/** The parts run in this order on the same servers. */
const parts: readonly Part[] = [throughput, arrival, reads];

export const pipeline: Benchmark = {
  name: "pipeline",
  about:
    "Messages from WhatsApp through queue, worker, Postgres, event bus and gateway to browsers: throughput, latency, exactly-once arrival while workers are killed, and query times among a million messages",
  goals: {
    ratio_wall: "≥ 0.5",
    lost: "0",
    doubled: "0",
    chat_page_p99_ms: "≤ 20",
    client_list_p99_ms: "≤ 20",
    client_search_p99_ms: "≤ 20",
  },
  run: async (context) => {
    const environment = await openPipelineEnvironment(context);
    const figures: Figures = {};
    for (const part of parts) Object.assign(figures, await part(environment, context));
    return { figures };
  },
};
