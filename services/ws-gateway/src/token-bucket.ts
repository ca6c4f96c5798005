/** So many at once, then so many a second. */
export class TokenBucket {
  private tokens: number;
  private filledAt = performance.now();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.tokens = burst;
  }

  take(): boolean {
    this.refill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  get isFull(): boolean {
    this.refill();
    return this.tokens >= this.burst;
  }

  private refill(): void {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1_000) * this.perSecond);
    this.filledAt = now;
  }
}

const pruneAbove = 10_000;

/** One bucket per key; those that are full again are forgotten. */
export class KeyedBuckets {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {}

  take(key: string): boolean {
    if (this.buckets.size > pruneAbove)
      for (const [each, bucket] of this.buckets) if (bucket.isFull) this.buckets.delete(each);
    const bucket = this.buckets.get(key) ?? new TokenBucket(this.burst, this.perSecond);
    this.buckets.set(key, bucket);
    return bucket.take();
  }
}
