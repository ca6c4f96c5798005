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

/** Returns those of the given logins that are revoked. */
export async function revokedAmong(redis: Redis | Cluster, loginIds: string[]): Promise<Set<string>> {
  if (loginIds.length === 0) return new Set();
  const ends = await guarded(() => redis.zmscore(keys.revoked, ...loginIds));
  const now = Date.now();
  return new Set(loginIds.filter((_, index) => Number(ends[index] ?? 0) > now));
}

/** Lifetime of a log: older cursors cannot be resumed anyway. */
const rightsSeconds = 24 * 60 * 60;

/** Records that a user's rights changed at `seq`. Cursors from before cannot be resumed: events were filtered by the old rights. */
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

/** False if the user's rights changed after this cursor. */
export async function mayResume(redis: Redis | Cluster, companyId: string, cursor: { userId: string; since: string }) {
  const changedAt = await guarded(() => redis.hget(keys.rights(companyId), cursor.userId));
  return changedAt === null || Number(cursor.since.split(".", 1)[0]) > Number(changedAt);
}
