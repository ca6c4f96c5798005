import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Kept by login until its last access token has ended; what has ended is forgotten on the way. */
export async function revokeLogins(redis: Redis | Cluster, loginIds: string[], forMs: number): Promise<void> {
  if (loginIds.length === 0) return;
  const now = Date.now();
  await guarded(async () => {
    await redis.zadd(keys.revoked, "GT", ...loginIds.flatMap((loginId) => [now + forMs, loginId]));
    await redis.zremrangebyscore(keys.revoked, "-inf", now);
  });
}

/** Which of these logins may no longer connect. */
export async function revokedAmong(redis: Redis | Cluster, loginIds: string[]): Promise<Set<string>> {
  if (loginIds.length === 0) return new Set();
  const ends = await guarded(() => redis.zmscore(keys.revoked, ...loginIds));
  const now = Date.now();
  return new Set(loginIds.filter((_, index) => Number(ends[index] ?? 0) > now));
}

/** As long as a log lives: an older cursor is not resumed anyway. */
const rightsSeconds = 24 * 60 * 60;

/** What was passed over for the old role would be missing for the new one: from this place on a user begins anew. */
export async function noteRightsChange(
  redis: Redis | Cluster,
  companyId: string,
  change: { userId: string; seq: number },
) {
  const key = keys.rights(companyId);
  await guarded(async () => {
    await redis.hset(key, change.userId, change.seq);
    await redis.expire(key, rightsSeconds);
  });
}

/** False when the user's rights changed after this cursor: what lies between was filtered by rights that are gone. */
export async function mayResume(redis: Redis | Cluster, companyId: string, place: { userId: string; since: string }) {
  const changedAt = await guarded(() => redis.hget(keys.rights(companyId), place.userId));
  return changedAt === null || Number(place.since.split(".", 1)[0]) > Number(changedAt);
}
