/** Shares of time that single writes would take: below the first there is no rest, from the second on rests have full length. */
const calmShare = 0.6;
const busyShare = 1.8;
const maxRestMs = 60;
/** Time constant of the exponentially decaying load. */
const loadWindowMs = 100;
/** Assumed cost of a write at the start, and the weight of each new measurement. */
const initialWriteMs = 0.005;
const measurementWeight = 0.1;

/**
 * Computes how long a company rests after a write, so that its next events share one write. A write costs about the same for
 * one event as for many; the load is the share of time that writing would take if each event were written separately.
 */
export class Pace {
  private load = 0;
  private notedAt = 0;
  private writeMs = initialWriteMs;

  /** In milliseconds; 0 while the load is low. */
  get restMs(): number {
    const share = (this.load - calmShare) / (busyShare - calmShare);
    return maxRestMs * Math.min(1, Math.max(0, share));
  }

  /** Records `writes` that took from `startedAt` to `endedAt` and carried `deliveries` events. */
  note(work: { startedAt: number; endedAt: number; writes: number; deliveries: number }): void {
    const { startedAt, endedAt, writes, deliveries } = work;
    if (writes > 0) this.writeMs += ((endedAt - startedAt) / writes - this.writeMs) * measurementWeight;
    this.load *= Math.exp((this.notedAt - endedAt) / loadWindowMs);
    this.load += (deliveries * this.writeMs) / loadWindowMs;
    this.notedAt = endedAt;
  }
}
