const firstMs = 500;
const longestMs = 30_000;
/** A connection that lived this long was healthy: the next loss starts from the first step again. */
const healthyAfterMs = 10_000;

/** Full jitter from the first try on: when a gateway dies, its thousands of clients must not come back together. */
export class Backoff {
  private attempt = 0;
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  nextMs(): number {
    const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(this.attempt, 10));
    this.attempt += 1;
    return this.random() * ceiling;
  }

  /** A gateway that accepts and drops at once must not be hammered, so only a long enough life counts. */
  settle(livedMs: number): void {
    if (livedMs >= healthyAfterMs) this.attempt = 0;
  }

  reset(): void {
    this.attempt = 0;
  }
}
