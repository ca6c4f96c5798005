import type { Metrics } from "@syszap/platform";

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** What an operator scales and alarms by. */
export function createGatewayMetrics(metrics: Metrics, read: { connections: () => number; companies: () => number }) {
  metrics.gauge("connections", "Open WebSocket connections", {
    collect() {
      this.set(read.connections());
    },
  });
  metrics.gauge("companies", "Companies with a subscription on this gateway", {
    collect() {
      this.set(read.companies());
    },
  });
  return {
    deliveries: metrics.counter("deliveries_total", "Events written to connections"),
    writes: metrics.counter("writes_total", "Writes that carried them: fewer than events when busy"),
    resyncs: metrics.counter("resyncs_total", "Companies whose stream had a hole that could not be filled"),
    welcomes: metrics.counter("welcomes_total", "Connections that were greeted", ["recovered"]),
    closes: metrics.counter("closes_total", "Connections that ended", ["code"]),
    refusals: metrics.counter("refusals_total", "Upgrades that were turned away", ["status"]),
  };
}
