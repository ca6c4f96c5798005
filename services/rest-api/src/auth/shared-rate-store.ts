import { createHash } from "node:crypto";
import { keys } from "@syszap/contracts";
import type { RedisClient } from "@syszap/platform";
import { type ClientRateLimitInfo, MemoryStore, type Options, type Store } from "express-rate-limit";

/** Counts attempts over all replicas. While Redis is away each replica counts alone, so a limit never just disappears. */
export class SharedRateStore implements Store {
  readonly localKeys = false;
  /** Tells limits apart where several count one request. */
  readonly prefix: string;
  private readonly alone = new MemoryStore();
  private windowMs = 0;

  constructor(
    private readonly redis: RedisClient,
    private readonly limit: string,
  ) {
    this.prefix = `${limit}|`;
  }

  init(options: Options): void {
    this.windowMs = options.windowMs;
    this.alone.init(options);
  }

  increment(caller: string): Promise<ClientRateLimitInfo> {
    return this.either(
      async () => {
        const key = this.keyOf(caller);
        const replies = await this.redis.multi().incr(key).pexpire(key, this.windowMs, "NX").pttl(key).exec();
        const [totalHits, , leftMs] = (replies ?? []).map(([error, reply]) => {
          if (error) throw error;
          return Number(reply);
        });
        if (totalHits === undefined || leftMs === undefined) throw new Error("Redis gave no count");
        return { totalHits, resetTime: new Date(Date.now() + leftMs) };
      },
      () => this.alone.increment(caller),
    );
  }

  async decrement(caller: string): Promise<void> {
    await this.either<unknown>(
      () => {
        const key = this.keyOf(caller);
        // The window may have ended meanwhile: what is written now must end as well.
        return this.redis.multi().decr(key).pexpire(key, this.windowMs, "NX").exec();
      },
      () => this.alone.decrement(caller),
    );
  }

  async resetKey(caller: string): Promise<void> {
    await this.either<unknown>(
      () => this.redis.del(this.keyOf(caller)),
      () => this.alone.resetKey(caller),
    );
  }

  shutdown(): void {
    this.alone.shutdown();
  }

  private async either<Result>(shared: () => Promise<Result>, alone: () => Promise<Result>): Promise<Result> {
    try {
      return await shared();
    } catch {
      return alone();
    }
  }

  private keyOf(caller: string): string {
    return keys.attempts(this.limit, createHash("sha256").update(caller).digest("base64url"));
  }
}
