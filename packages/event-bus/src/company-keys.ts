import { channels, keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "./errors.ts";
import { restoreLogins } from "./presence/revocations.ts";

/** Deletes everything that the bus keeps of a company. The company must be suspended: otherwise its log starts again. */
export async function removeCompanyKeys(
  redis: Redis | Cluster,
  companyId: string,
  sessionIds: readonly string[],
): Promise<void> {
  const channel = channels.company(companyId);
  const names = [
    keys.log(channel),
    keys.head(channel),
    keys.checkpoints(channel),
    keys.olderPositions(channel),
    keys.positions(channel),
    keys.fence(companyId),
    keys.rights(companyId),
    keys.statsLock(companyId),
    ...sessionIds.flatMap((id) => [keys.qr(companyId, id), keys.pairingCode(companyId, id)]),
  ];
  await guarded(() => redis.unlink(...names));
  await restoreLogins(redis, [companyId]);
}
