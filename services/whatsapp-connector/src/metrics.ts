import type { Metrics } from "@syszap/platform";

/** Counters of this service, made once per process. */
export function createConnectorMetrics(metrics: Metrics) {
  return {
    facts: metrics.counter("connector_facts_total", "Facts that engines reported", ["kind"]),
    factsSkipped: metrics.counter("connector_facts_skipped_total", "Facts about groups, statuses and newsletters", [
      "reason",
    ]),
    factsRefused: metrics.counter("connector_facts_refused_total", "Facts that match no job schema", ["kind"]),
    factsDropped: metrics.counter("connector_facts_dropped_total", "Facts over the bound, to be fetched again later"),
    jobs: metrics.counter("connector_jobs_enqueued_total", "Jobs handed to the inbound queue", ["name"]),
    sends: metrics.counter("connector_sends_total", "Attempts to send a message", ["outcome"]),
    restarts: metrics.counter("connector_engine_restarts_total", "Engines started again after a failure"),
  };
}
export type ConnectorMetrics = ReturnType<typeof createConnectorMetrics>;
