import type { BreakerTimes, PacingLimits } from "@syszap/database";
import type { Backoff } from "@syszap/platform/async";
import type { Config } from "../config.ts";

/** Duration of the typing indicator: proportional to the text's length, within bounds. */
export interface TypingPace {
  perCharacterMs: number;
  leastMs: number;
  mostMs: number;
}

export interface OutboundTimes {
  /** Gap from the end of one attempt to the next, and the maximum of a random addition. */
  minimumGapMs: number;
  gapJitterMs: number;
  /** WhatsApp publishes no limits, see decision 026. */
  limits: PacingLimits;
  breaker: BreakerTimes;
  /** Undefined: messages are sent without marking the chat as read or showing "typing". */
  humanPacing: TypingPace | undefined;
  retry: Backoff;
  /** Afterwards the message fails, and a user must decide. */
  maxAttempts: number;
  /** Attempts while WhatsApp refuses the chat, or answers that the number has no account. */
  maxAttemptsOfChat: number;
  /** Limit of one attempt, in addition to the upload time of a file. */
  sendTimeoutMs: number;
}

const lightTyping: TypingPace = { perCharacterMs: 30, leastMs: 500, mostMs: 3_000 };

export const outboundTimes = (config: Config): OutboundTimes => ({
  minimumGapMs: config.OUTBOUND_GAP_MS,
  gapJitterMs: config.OUTBOUND_GAP_JITTER_MS,
  limits: { perHour: config.OUTBOUND_PER_HOUR, coldPerDay: config.OUTBOUND_COLD_PER_DAY },
  breaker: { afterFailures: config.OUTBOUND_BREAKER_FAILURES, firstMs: 15_000, maxMs: 300_000 },
  humanPacing: config.OUTBOUND_MANNERS === "light" ? lightTyping : undefined,
  retry: { firstMs: 1_000, maxMs: 60_000 },
  maxAttempts: 12,
  maxAttemptsOfChat: 4,
  sendTimeoutMs: 60_000,
});
