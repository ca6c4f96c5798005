import { setTimeout as delay } from "node:timers/promises";

/** A process that was killed leaves its work to another one after this time. */
export const leaseMs = 60_000;
const minPauseMs = 10;

/**
 * Repeats a batch until it finds nothing or the signal is aborted. Pauses after each as long as it took, so that the work takes at most
 * half of what one connection can do.
 */
export async function repeatBatches(
  signal: AbortSignal,
  removeBatch: () => Promise<number>,
  extendLease: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const startedMs = performance.now();
    if ((await removeBatch()) === 0) return;
    await extendLease();
    const pauseMs = Math.max(minPauseMs, performance.now() - startedMs);
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
