import type { Backoff } from "../backoff.ts";

export interface OutboundTimes {
  /** Between two messages of a phone. */
  minimumGapMs: number;
  retry: Backoff;
  /** After so many the person who wrote it must decide. */
  maxAttempts: number;
  sendTimeoutMs: number;
}
export const outboundTimes: OutboundTimes = {
  minimumGapMs: 250,
  retry: { firstMs: 1_000, mostMs: 60_000 },
  maxAttempts: 12,
  sendTimeoutMs: 60_000,
};
