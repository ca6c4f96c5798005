import type { BreakerTimes, PacingLimits } from "@syszap/database";
import type { Backoff } from "@syszap/platform/async";
import type { Config } from "../config.ts";

/** How long one looks as if one wrote. */
export interface TypingPace {
  perCharacterMs: number;
  leastMs: number;
  mostMs: number;
}
export interface OutboundTimes {
  /** From the end of one attempt to the next, and up to how much more by chance. */
  minimumGapMs: number;
  gapJitterMs: number;
  /** WhatsApp publishes no numbers: see decision 026. */
  limits: PacingLimits;
  breaker: BreakerTimes;
  /** Seen, then typing, then the message; absent: the message at once. */
  manners: TypingPace | undefined;
  retry: Backoff;
  /** After so many the person who wrote it must decide. */
  maxAttempts: number;
  /** Beside what a file takes by its size. */
  sendTimeoutMs: number;
}
const typingPace: TypingPace = { perCharacterMs: 30, leastMs: 500, mostMs: 3_000 };

export const outboundTimes = (config: Config): OutboundTimes => ({
  minimumGapMs: config.OUTBOUND_GAP_MS,
  gapJitterMs: config.OUTBOUND_GAP_JITTER_MS,
  limits: { perHour: config.OUTBOUND_PER_HOUR, coldPerDay: config.OUTBOUND_COLD_PER_DAY },
  breaker: { afterFailures: config.OUTBOUND_BREAKER_FAILURES, firstMs: 15_000, maxMs: 300_000 },
  manners: config.OUTBOUND_MANNERS === "light" ? typingPace : undefined,
  retry: { firstMs: 1_000, maxMs: 60_000 },
  maxAttempts: 12,
  sendTimeoutMs: 60_000,
});
