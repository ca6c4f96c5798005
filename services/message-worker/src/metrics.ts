import type { Metrics } from "@syszap/platform";

/** What this service counts, made once per process. */
export function createWorkerMetrics(metrics: Metrics) {
  return {
    processed: metrics.counter("worker_jobs_processed_total", "Jobs that were processed", ["job"]),
    failed: metrics.counter("worker_jobs_failed_total", "Attempts that failed", ["job"]),
    duration: metrics.histogram("worker_job_duration_seconds", "From a job's start to its commit and publication", [
      "job",
    ]),
    deadLetters: metrics.counter("worker_dead_letters_total", "Jobs that were given up"),
    redriven: metrics.counter("worker_dead_letters_redriven_total", "Jobs and messages that people asked for again"),
    swept: metrics.counter("worker_outbox_swept_total", "Outbox rows that their own process had not published"),
    forgotten: metrics.counter(
      "worker_pending_facts_forgotten_total",
      "Facts given up since their message never came",
      ["why"],
    ),
    outboundSignals: metrics.counter(
      "worker_rings_total",
      "Outbound signals repeated for sessions whose queued messages waited too long",
    ),
  };
}
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
