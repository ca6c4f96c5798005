import { percentile } from "../../harness/benchmark.ts";
import type { PipelineEnvironment } from "../environment/pipeline-environment.ts";
import { openBusHop } from "./bus-hop.ts";
import { openDiskHop } from "./disk-hop.ts";
import type { Hop, OpenHop } from "./hop.ts";
import { openQueueHop } from "./queue-hop.ts";
import { openSocketHop } from "./socket-hop.ts";
import { openSqlHop } from "./sql-hop.ts";

const hops: Record<string, OpenHop> = {
  disk: openDiskHop,
  queue: openQueueHop,
  sql: openSqlHop,
  bus: openBusHop,
  socket: openSocketHop,
};

/**
 * Measures each hop alone at the rate of the benchmark and returns the medians in milliseconds: no message from WhatsApp to a
 * browser can be faster than their sum.
 */
export async function measureHops(
  environment: PipelineEnvironment,
  { perSecond, forMs }: { perSecond: number; forMs: number },
): Promise<Record<string, number>> {
  const medians: Record<string, number> = {};
  for (const [name, open] of Object.entries(hops)) {
    const hop = await open(environment);
    try {
      medians[name] = percentile(await timesOf(hop, perSecond, forMs), 50);
    } finally {
      await hop.close();
    }
  }
  return medians;
}

/** Starts passes at a constant rate, independent of their duration. */
async function timesOf(hop: Hop, perSecond: number, forMs: number): Promise<number[]> {
  const times: number[] = [];
  const everyMs = 1_000 / perSecond;
  const passes: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let count = 0; count * everyMs < forMs; count += 1) {
    const waitMs = startedAt + count * everyMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const beganAt = performance.now();
    passes.push(hop.pass().then(() => void times.push(performance.now() - beganAt)));
  }
  await Promise.all(passes);
  return times;
}
