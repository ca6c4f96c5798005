import { createHash } from "node:crypto";
import { keys } from "@syszap/contracts";
import type { RedisClient } from "@syszap/platform";
import { type ClientRateLimitInfo, MemoryStore, type Options, type Store } from "express-rate-limit";

/** The longest delay of a timer of Node.js. */
const maxTimerMs = 2 ** 31 - 1;

/** Opens a store for counters that are not a middleware, which would set the window itself. */
export function openRateStore(redis: RedisClient, limit: string, windowMs: number): SharedRateStore {
  const store = new SharedRateStore(redis, limit);
  store.init({ windowMs });
  return store;
}

/**
 * Counts requests in Redis, across all replicas. While Redis is not available each replica counts in memory. The library
 * `rate-limit-redis` has no such fallback, and its decrement can leave keys that never expire.
 */
export class SharedRateStore implements Store {
  readonly localKeys = false;
  /** Distinguishes the limits when several of them count one request. */
  readonly prefix: string;
  private readonly fallback = new MemoryStore();
  private windowMs = 0;

  constructor(
    private readonly redis: RedisClient,
    private readonly limit: string,
  ) {
    this.prefix = `${limit}|`;
  }

  init({ windowMs }: Pick<Options, "windowMs">): void {
    this.windowMs = windowMs;
    // The memory store reads no other option. Its timer cannot represent longer windows.
    this.fallback.init({ windowMs: Math.min(windowMs, maxTimerMs) } as Options);
  }

  async get(caller: string): Promise<ClientRateLimitInfo | undefined> {
    return this.withFallback(
      async () => {
        const key = this.keyOf(caller);
        const [[, hits] = [], [, leftMs] = []] = (await this.redis.multi().get(key).pttl(key).exec()) ?? [];
        if (hits === null || hits === undefined) return undefined;
        return { totalHits: Number(hits), resetTime: new Date(Date.now() + Number(leftMs)) };
      },
      () => this.fallback.get(caller),
    );
  }

  increment(caller: string): Promise<ClientRateLimitInfo> {
    return this.withFallback(
      async () => {
        const key = this.keyOf(caller);
        const replies = await this.redis.multi().incr(key).pexpire(key, this.windowMs, "NX").pttl(key).exec();
        const [totalHits, , leftMs] = (replies ?? []).map(([error, reply]) => {
          if (error) throw error;
          return Number(reply);
        });
        if (totalHits === undefined || leftMs === undefined) throw new Error("Redis returned no count");
        return { totalHits, resetTime: new Date(Date.now() + leftMs) };
      },
      () => this.fallback.increment(caller),
    );
  }

  async decrement(caller: string): Promise<void> {
    await this.withFallback<unknown>(
      () => {
        const key = this.keyOf(caller);
        // The window may have ended meanwhile, so that DECR creates the key. It must expire as well.
        return this.redis.multi().decr(key).pexpire(key, this.windowMs, "NX").exec();
      },
      () => this.fallback.decrement(caller),
    );
  }

  async resetKey(caller: string): Promise<void> {
    await this.withFallback<unknown>(
      () => this.redis.del(this.keyOf(caller)),
      () => this.fallback.resetKey(caller),
    );
  }

  shutdown(): void {
    this.fallback.shutdown();
  }

  private async withFallback<Result>(shared: () => Promise<Result>, local: () => Promise<Result>): Promise<Result> {
    try {
      return await shared();
    } catch {
      return local();
    }
  }

  private keyOf(caller: string): string {
    return keys.attempts(this.limit, createHash("sha256").update(caller).digest("base64url"));
  }
}
