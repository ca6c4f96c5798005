import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Latency buckets in seconds, with a fine resolution around the targets of requirement R24. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Delay buckets in seconds, from a fast worker to a phone that was offline for hours. */
export const delayBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200];

export interface Metrics {
  registry: Registry;
  counter<Label extends string = never>(name: string, help: string, labels?: Label[]): Counter<Label>;
  /** `collect` is called at each scrape and must set the value. */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    options?: { labels?: Label[]; collect?: (this: Gauge<Label>) => void | Promise<void> },
  ): Gauge<Label>;
  /** Values are in seconds. The default buckets are those of latencies. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labels?: Label[],
    buckets?: readonly number[],
  ): Histogram<Label>;
}

/** Creates a separate registry, so that tests can run several services in one process. Names get the prefix `syszap_`. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const named = (name: string) => `syszap_${name}`;
  return {
    registry,
    counter: (name, help, labels = []) =>
      new Counter({ name: named(name), help, labelNames: labels, registers: [registry] }),
    gauge: (name, help, options = {}) =>
      new Gauge({
        name: named(name),
        help,
        labelNames: options.labels ?? [],
        registers: [registry],
        ...(options.collect && { collect: options.collect }),
      }),
    histogram: (name, help, labels = [], buckets = latencyBuckets) =>
      new Histogram({ name: named(name), help, labelNames: labels, buckets: [...buckets], registers: [registry] }),
  };
}
