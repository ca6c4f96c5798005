const firstMs = 500;
const maxMs = 30_000;
/** A connection of this age counts as healthy: after its loss the backoff starts again at the first step. */
const healthyAfterMs = 10_000;
/**
 * The same for a connection that ended because its access ended: the user's rights changed, or its login expired or ended. Several
 * changes of rights may follow each other.
 */
const healthyAfterEndedAccessMs = 1_000;

/** Exponential backoff with full jitter on every attempt: clients of a gateway that dies must not reconnect at the same time. */
export class Backoff {
  private attempt = 0;
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  nextMs(): number {
    const ceilingMs = Math.min(maxMs, firstMs * 2 ** Math.min(this.attempt, 10));
    this.attempt += 1;
    return this.random() * ceilingMs;
  }

  /** Resets the backoff after a healthy connection. A gateway that accepts and closes at once must not reset it. */
  settle(connectedMs: number, { isAccessEnded }: { isAccessEnded: boolean }): void {
    if (connectedMs >= (isAccessEnded ? healthyAfterEndedAccessMs : healthyAfterMs)) this.attempt = 0;
  }

  reset(): void {
    this.attempt = 0;
  }
}
