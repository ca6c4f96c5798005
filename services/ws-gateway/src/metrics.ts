import type { Metrics } from "@syszap/platform";

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** What is true at the moment of a scrape. */
interface Readings {
  connections(): number;
  companies(): number;
  pendingBytes(): number;
  unsentBytes(): number;
  isBusReady(): boolean;
}

/** What an operator scales and alarms by. */
export function createGatewayMetrics(metrics: Metrics, read: Readings) {
  const gauge = (name: string, help: string, value: () => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(value());
      },
    });
  gauge("connections", "Open WebSocket connections", read.connections);
  gauge("companies", "Companies with a subscription on this gateway", read.companies);
  gauge("pending_bytes", "Events that wait to be written", read.pendingBytes);
  gauge("unsent_bytes", "Written, and not yet taken by slow readers", read.unsentBytes);
  gauge("bus_ready", "1 while the link to Redis is up and nothing is missing", () => Number(read.isBusReady()));
  let last = performance.eventLoopUtilization();
  gauge("event_loop_utilization", "Share of the time since the last scrape in which the loop was busy", () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
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
