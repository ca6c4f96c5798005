import { pause } from "@syszap/platform/async";

/** The worker stores a burst in few transactions, which costs much less than a transaction for each fact. */
const burstsPerSecond = 10;

/**
 * Limits the rate of the facts of gaps, over all sessions of the connector. Without it, a long recovery uses all of the queue, the
 * workers and the database, and live messages are late (decision 073).
 */
export class RecoveryPace {
  private readonly burst: number;
  private readonly intervalMs: number;
  private burstAtMs = Number.NEGATIVE_INFINITY;
  private left = 0;

  constructor(perSecond: number) {
    this.burst = Math.max(1, Math.round(perSecond / burstsPerSecond));
    this.intervalMs = (this.burst * 1_000) / perSecond;
  }

  /** Resolves when the next fact may be forwarded, in the order of the calls, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    if (this.left === 0 || nowMs >= this.burstAtMs + this.intervalMs) {
      this.burstAtMs = Math.max(nowMs, this.burstAtMs + this.intervalMs);
      this.left = this.burst;
    }
    this.left -= 1;
    return pause(Math.max(0, this.burstAtMs - nowMs), signal);
  }
}
