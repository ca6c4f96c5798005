import type { Scope } from "./query.ts";

/** SQL: the advisory lock that a backup holds alone, and that transactions which remove files share. */
export const fileRemovalLock = "hashtextextended('file removals', 0)";

/** False while a backup is made: then no file may be removed. Otherwise a backup waits for the end of the transaction. */
export async function joinFileRemovals(scope: Scope): Promise<boolean> {
  const { joined } = await scope.one<{ joined: boolean }>(
    `select pg_try_advisory_xact_lock_shared(${fileRemovalLock}) as joined`,
  );
  return joined;
}
