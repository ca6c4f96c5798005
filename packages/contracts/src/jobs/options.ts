/** Options of jobs in `inbound-messages`. All attempts together take about a minute. */
export const inboundJobOptions = {
  attempts: 8,
  backoff: { type: "exponential", delay: 500, jitter: 0.5 },
  /** Completed jobs are kept to deduplicate repeated facts by job id. `age` is in seconds. */
  removeOnComplete: { age: 3_600, count: 50_000 },
  /** A failed job is kept until it is recorded as a dead letter. */
  removeOnFail: false,
} as const;

/**
 * Options of workers (decision 045). `maxStalledCount` is raised because by default a job that is interrupted twice fails for good.
 * The lock of a job is renewed at least every half `lockDuration`.
 */
export const workerSettings = { maxStalledCount: 20, lockDuration: 2_000, stalledInterval: 500 } as const;

/**
 * Upper bound from the death of a worker until its jobs wait in the queue again: the locks expire, then the next check finds them.
 * Workers share the checks, so two checks are up to two intervals apart.
 */
export const maxJobRecoveryMs = workerSettings.lockDuration + 2 * workerSettings.stalledInterval;
