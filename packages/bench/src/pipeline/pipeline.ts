import type { Benchmark, Figures } from "../harness/benchmark.ts";
import { arrival } from "./arrival.ts";
import { openPipelineEnvironment, type Part } from "./environment/pipeline-environment.ts";
import { reads } from "./reads/reads.ts";
import { throughput } from "./throughput.ts";

/** In this command, one after the other, on the same servers. */
const parts: readonly Part[] = [throughput, arrival, reads];

export const pipeline: Benchmark = {
  name: "pipeline",
  about:
    "Messages of WhatsApp on their way through queue, worker, Postgres, event bus and gateway to browsers: how many, how fast, whether all arrive once while workers come and go, and how fast they are found among a million",
  goals: {
    messages_per_s: "≥ 2,000",
    ratio_wall: "≥ 0.5",
    p50_ms: "≤ 10",
    p99_ms: "≤ 50",
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
