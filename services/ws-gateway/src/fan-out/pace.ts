/** Up to this share of the time, writing each event by itself is fine; from the second on, each rest is a whole one. */
const [calmShare, busyShare] = [0.6, 1.8];
const longestRestMs = 60;
/** Load is what happened within about so long. */
const memoryMs = 100;
/** A write's cost at the start, and how fast the measured one takes its place. */
const [firstWriteMs, learning] = [0.005, 0.1];

/**
 * How long a company rests after a write, so that its next events share one. A write costs about the same however many
 * events it carries: what is asked here is how much of the time writing would take if each event went by itself.
 */
export class Pace {
  private load = 0;
  private notedAt = 0;
  private writeMs = firstWriteMs;

  /** Milliseconds; 0 while there is little to do. */
  get restMs(): number {
    const share = (this.load - calmShare) / (busyShare - calmShare);
    return longestRestMs * Math.min(1, Math.max(0, share));
  }

  /** `writes` took from `startedAt` to `endedAt`; they carried `deliveries` events. */
  note(work: { startedAt: number; endedAt: number; writes: number; deliveries: number }): void {
    const { startedAt, endedAt, writes, deliveries } = work;
    if (writes > 0) this.writeMs += ((endedAt - startedAt) / writes - this.writeMs) * learning;
    this.load *= Math.exp((this.notedAt - endedAt) / memoryMs);
    this.load += (deliveries * this.writeMs) / memoryMs;
    this.notedAt = endedAt;
  }
}
