import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Longer than a push waits for answers. */
const keptSeconds = 60;

interface PresenceCheck {
  companyId: string;
  checkId: string;
}

/** Records that a page of the user answered a presence check. */
export async function notePresent(
  redis: Redis | Cluster,
  { companyId, checkId }: PresenceCheck,
  userId: string,
): Promise<void> {
  const key = keys.present(companyId, checkId);
  await guarded(() => redis.pipeline().sadd(key, userId).expire(key, keptSeconds).exec());
}

/** The users whose pages answered the presence check. */
export async function presentUsers(
  redis: Redis | Cluster,
  { companyId, checkId }: PresenceCheck,
): Promise<ReadonlySet<string>> {
  return new Set(await guarded(() => redis.smembers(keys.present(companyId, checkId))));
}
