/** Options of jobs in `inbound-messages`. All attempts together take about a minute. */
export const inboundJobOptions = {
  attempts: 8,
  backoff: { type: "exponential", delay: 500, jitter: 0.5 },
  /** Completed jobs are kept to deduplicate repeated facts by job id. `age` is in seconds. */
  removeOnComplete: { age: 3_600, count: 50_000 },
  /** A failed job is kept until it is recorded as a dead letter. */
  removeOnFail: false,
} as const;

/** Options of workers. `maxStalledCount` is raised because by default a job that is interrupted twice fails for good. */
export const workerSettings = { maxStalledCount: 20, lockDuration: 10_000, stalledInterval: 5_000 } as const;
