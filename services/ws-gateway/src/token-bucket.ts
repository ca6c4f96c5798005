import { LRUCache } from "lru-cache";

/** Token bucket: allows bursts of `burst` requests, refilled at `perSecond`. */
export class TokenBucket {
  private tokens: number;
  private refilledAt = performance.now();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.tokens = burst;
  }

  /** Takes one token. Returns false when none is left. */
  take(): boolean {
    this.refill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private refill(): void {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.refilledAt) / 1_000) * this.perSecond);
    this.refilledAt = now;
  }
}

export interface KeyedBucketsOptions {
  burst: number;
  perSecond: number;
  /** Upper bound of the buckets in memory. The least recently used one is dropped first; its key starts with a full one again. */
  maxKeys: number;
}

/** One token bucket per key. Each attempt takes constant time, however many keys there are. */
export class KeyedBuckets {
  private readonly buckets: LRUCache<string, TokenBucket>;

  constructor(private readonly options: KeyedBucketsOptions) {
    this.buckets = new LRUCache({ max: options.maxKeys });
  }

  /** Takes one token of the key's bucket. Returns false when none is left. */
  take(key: string): boolean {
    const { burst, perSecond } = this.options;
    const bucket = this.buckets.get(key) ?? new TokenBucket(burst, perSecond);
    this.buckets.set(key, bucket);
    return bucket.take();
  }

  get size(): number {
    return this.buckets.size;
  }
}
