import { jittered } from "@syszap/platform/async";

/**
 * Returns the delay in milliseconds before the next attempt, ±10 % so that events that failed together do not return together.
 * Returns undefined when no attempt is left. `failedAttempts` counts from 1.
 */
export function retryDelayMs(
  delaysSeconds: readonly number[],
  failedAttempts: number,
  random = Math.random,
): number | undefined {
  const seconds = delaysSeconds[failedAttempts - 1];
  return seconds === undefined ? undefined : jittered(seconds * 1_000, 0.1, random);
}
