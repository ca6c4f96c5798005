import { keys } from "@syszap/contracts";
import type { Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Kept by login until its last access token has ended; what has ended is forgotten on the way. */
export async function revokeLogins(redis: Redis, loginIds: string[], forMs: number): Promise<void> {
  if (loginIds.length === 0) return;
  const now = Date.now();
  await guarded(async () => {
    await redis.zadd(keys.revoked, "GT", ...loginIds.flatMap((loginId) => [now + forMs, loginId]));
    await redis.zremrangebyscore(keys.revoked, "-inf", now);
  });
}

/** Which of these logins may no longer connect. */
export async function revokedAmong(redis: Redis, loginIds: string[]): Promise<Set<string>> {
  if (loginIds.length === 0) return new Set();
  const ends = await guarded(() => redis.zmscore(keys.revoked, ...loginIds));
  const now = Date.now();
  return new Set(loginIds.filter((_, index) => Number(ends[index] ?? 0) > now));
}
