import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Marks logins as revoked for `forMs`, the lifetime of an access token. Also removes expired marks. */
export async function revokeLogins(redis: Redis | Cluster, loginIds: string[], forMs: number): Promise<void> {
  if (loginIds.length === 0) return;
  const now = Date.now();
  await guarded(async () => {
    await redis.zadd(keys.revoked, "GT", ...loginIds.flatMap((loginId) => [now + forMs, loginId]));
    await redis.zremrangebyscore(keys.revoked, "-inf", now);
  });
}

/** Removes the marks of logins or companies that may act again. */
export async function restoreLogins(redis: Redis | Cluster, loginIds: string[]): Promise<void> {
  if (loginIds.length > 0) await guarded(() => redis.zrem(keys.revoked, ...loginIds));
}

/** Returns those of the given logins that are revoked. A suspended company is marked with its own id. */
export async function revokedAmong(redis: Redis | Cluster, loginIds: string[]): Promise<Set<string>> {
  if (loginIds.length === 0) return new Set();
  const ends = await guarded(() => redis.zmscore(keys.revoked, ...loginIds));
  const now = Date.now();
  return new Set(loginIds.filter((_, index) => Number(ends[index] ?? 0) > now));
}
