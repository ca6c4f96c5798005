import type { Database } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";

/** What this service counts, made once per process. */
export function createSenderMetrics(metrics: Metrics) {
  return {
    attempts: metrics.counter("webhooks_attempts_total", "Requests to endpoints: delivered, failed, given_up", [
      "result",
    ]),
    duration: metrics.histogram(
      "webhooks_attempt_seconds",
      "From the search for the address to the answer",
      [],
      delayBuckets,
    ),
    disabled: metrics.counter(
      "webhooks_notices_total",
      "Endpoints that were disabled by themselves, as people were told",
      ["reason"],
    ),
    trimmed: metrics.counter("webhooks_log_trimmed_total", "Deliveries that left the log by age or count"),
  };
}
export type SenderMetrics = ReturnType<typeof createSenderMetrics>;

/** Read at each scrape. Every sender tells the same: take the greatest, never the sum. */
export function reportEndpoints(metrics: Metrics, upkeep: Database["system"]["webhookUpkeep"]): void {
  const oldest = metrics.gauge(
    "webhooks_oldest_due_age_seconds",
    "How long an event waits that could be sent now; 0: none does. Endpoints that fail or are disabled don't count",
  );
  metrics.gauge("webhooks_endpoints", "Endpoints: enabled, of those failing, and disabled by themselves", {
    labels: ["state"],
    async collect() {
      const backlog = await upkeep.backlog().catch(() => undefined);
      if (!backlog) return;
      for (const state of ["enabled", "failing", "disabled"] as const) this.set({ state }, backlog[state]);
      const { oldestDueAt } = backlog;
      oldest.set(oldestDueAt === null ? 0 : Math.max(0, Date.now() - oldestDueAt.getTime()) / 1_000);
    },
  });
}
