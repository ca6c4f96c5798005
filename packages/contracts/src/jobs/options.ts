/** How jobs of `inbound-messages` are added. All attempts together take about a minute. */
export const inboundJobOptions = {
  attempts: 8,
  backoff: { type: "exponential", delay: 500, jitter: 0.5 },
  /** Kept so long that a fact that WhatsApp tells again is recognised by its id. In seconds. */
  removeOnComplete: { age: 3_600, count: 50_000 },
  /** A failed job stays until it is in the dead-letter list. */
  removeOnFail: false,
} as const;

/** How workers treat jobs whose worker died: by default a job that was interrupted twice fails for good. */
export const workerSettings = { maxStalledCount: 20, lockDuration: 10_000, stalledInterval: 5_000 } as const;
