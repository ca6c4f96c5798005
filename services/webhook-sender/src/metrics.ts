import type { Database } from "@syszap/database";
import { delayBuckets, type Metrics } from "@syszap/platform";

/** Metrics of this service. Call once per process. */
export function createSenderMetrics(metrics: Metrics) {
  return {
    attempts: metrics.counter(
      "webhooks_attempts_total",
      "Attempts by result: delivered, failed (will be retried) or given_up",
      ["result"],
    ),
    duration: metrics.histogram(
      "webhooks_attempt_seconds",
      "Duration of an attempt, from the DNS lookup to the response",
      [],
      delayBuckets,
    ),
    pushes: metrics.counter(
      "push_attempts_total",
      "Push notices by result: delivered, failed (will be retried), given_up, refused or gone (the browser unsubscribed)",
      ["result"],
    ),
    disabled: metrics.counter(
      "webhooks_notices_total",
      "Notices to users about automatically disabled endpoints, by reason",
      ["reason"],
    ),
    trimmed: metrics.counter("webhooks_log_trimmed_total", "Deliveries removed from the log because of age or count"),
  };
}
export type SenderMetrics = ReturnType<typeof createSenderMetrics>;

/** Reads the gauges from Postgres at each scrape. All senders report the same values: aggregate with max, not sum. */
export function reportEndpoints(metrics: Metrics, upkeep: Database["system"]["webhookUpkeep"]): void {
  const oldest = metrics.gauge(
    "webhooks_oldest_due_age_seconds",
    "Age of the oldest event that is due, 0 when none is. Failing and disabled endpoints are excluded",
  );
  metrics.gauge(
    "webhooks_endpoints",
    "Endpoints by state: enabled, failing (also counted as enabled) and automatically disabled",
    {
      labels: ["state"],
      async collect() {
        const backlog = await upkeep.backlog().catch(() => undefined);
        if (!backlog) return;
        for (const state of ["enabled", "failing", "disabled"] as const) this.set({ state }, backlog[state]);
        const { oldestDueAt } = backlog;
        oldest.set(oldestDueAt === null ? 0 : Math.max(0, Date.now() - oldestDueAt.getTime()) / 1_000);
      },
    },
  );
}
