import type { Metrics } from "@syszap/platform";

/** Creates the metrics of this service. Call it once per process. */
export function createWorkerMetrics(metrics: Metrics) {
  return {
    processed: metrics.counter("worker_jobs_processed_total", "Jobs processed successfully", ["job"]),
    failed: metrics.counter("worker_jobs_failed_total", "Failed attempts of jobs", ["job"]),
    duration: metrics.histogram(
      "worker_job_duration_seconds",
      "Duration of a job, from its start to commit and publication",
      ["job"],
    ),
    deadLetters: metrics.counter("worker_dead_letters_total", "Jobs moved to the dead letters"),
    redriven: metrics.counter("worker_dead_letters_redriven_total", "Jobs and messages queued again after a redrive"),
    swept: metrics.counter("worker_outbox_swept_total", "Outbox rows published by the sweep"),
    forgotten: metrics.counter(
      "worker_pending_facts_forgotten_total",
      "Pending facts deleted because their message did not arrive",
      ["why"],
    ),
    expired: metrics.counter(
      "worker_expired_total",
      "Messages and files removed because their company does not keep them",
      ["what"],
    ),
    outboundSignals: metrics.counter(
      "worker_rings_total",
      "Outbound signals repeated for sessions whose queued messages waited too long",
    ),
  };
}
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
