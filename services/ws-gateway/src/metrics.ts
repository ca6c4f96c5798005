import type { Metrics } from "@syszap/platform";

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** Values that are read at each scrape. */
interface Readings {
  connections(): number;
  companies(): number;
  pendingBytes(): number;
  unsentBytes(): number;
  isBusReady(): boolean;
}

export function createGatewayMetrics(metrics: Metrics, read: Readings) {
  const gauge = (name: string, help: string, value: () => number) =>
    metrics.gauge(name, help, {
      collect() {
        this.set(value());
      },
    });
  gauge("connections", "Open WebSocket connections", read.connections);
  gauge("companies", "Companies with a subscription on this gateway", read.companies);
  gauge("pending_bytes", "Bytes of events that wait to be written", read.pendingBytes);
  gauge("unsent_bytes", "Bytes written to sockets and not yet read by slow clients", read.unsentBytes);
  gauge("bus_ready", "1 while the Redis connection is up and all channels are caught up", () =>
    Number(read.isBusReady()),
  );
  let last = performance.eventLoopUtilization();
  gauge("event_loop_utilization", "Share of time since the last scrape during which the event loop was busy", () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  });
  return {
    deliveries: metrics.counter("deliveries_total", "Events written to connections"),
    deliverySeconds: metrics.histogram(
      "event_delivery_seconds",
      "Time from the emission of an event to its last write to a socket of this gateway, once for each event; without new_message, whose time is WhatsApp's",
    ),
    shownSeconds: metrics.histogram(
      "event_shown_seconds",
      "Time from the arrival of an event at a page to its display, as a sample of the pages reports it",
    ),
    writes: metrics.counter(
      "writes_total",
      "Socket writes that carried events; under load one write carries several events",
    ),
    resyncs: metrics.counter("resyncs_total", "Resyncs caused by a gap in a company's stream that could not be filled"),
    welcomes: metrics.counter("welcomes_total", "Welcome frames sent", ["recovered"]),
    closes: metrics.counter("closes_total", "Closed connections by close code", ["code"]),
    refusals: metrics.counter("refusals_total", "Refused upgrades by HTTP status", ["status"]),
  };
}
